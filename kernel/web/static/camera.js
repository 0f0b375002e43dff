// The camera of the scan page. Where the browser reads codes itself, it looks until one label is in view; elsewhere the
// picture that is taken goes along with the form and the server reads it. Each code needs a fresh press of the button.
"use strict";

const corner = document.querySelector("[data-camera]");
const form = document.querySelector("form[data-scan]");
const LABEL = /^NKTL[CBDEFGHIJKLNRTUV]{42}$/;
const LOOK_AGAIN = 200, LARGEST = 1600;

if (corner && form && navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
  corner.hidden = false;
  const find = (name) => corner.querySelector(`[data-camera-${name}]`);
  const live = find("live"), video = corner.querySelector("video"), said = find("said");
  const { label_code: code, photo, camera } = form.elements;
  let stream = null;

  const stop = (words) => {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = null;
    video.srcObject = null;
    live.hidden = true;
    said.textContent = words || "";
  };

  const look = async (detector) => {
    if (!stream) return;
    const found = (await detector.detect(video).catch(() => [])).map((one) => one.rawValue).filter((one) => LABEL.test(one));
    if (!stream) return;
    if (found.length === 1) {
      code.value = found[0];
      camera.value = "true";
      stop(said.dataset.found);
      form.elements.subject_code.focus();
      return;
    }
    said.textContent = found.length ? said.dataset.several : "";
    setTimeout(look, LOOK_AGAIN, detector);
  };

  const start = async () => {
    stop();
    code.value = "";
    photo.value = "";
    camera.value = "false";
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
      video.srcObject = stream;
      live.hidden = false;
      await video.play();
      const kinds = window.BarcodeDetector ? await BarcodeDetector.getSupportedFormats() : [];
      if (kinds.includes("qr_code")) look(new BarcodeDetector({ formats: ["qr_code"] }));
    } catch { stop(said.dataset.refused); }
  };

  const take = () => {
    const share = Math.min(1, LARGEST / Math.max(video.videoWidth, video.videoHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(video.videoWidth * share);
    canvas.height = Math.round(video.videoHeight * share);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((picture) => {
      if (!picture) { stop(said.dataset.refused); return; }
      const files = new DataTransfer();
      files.items.add(new File([picture], "camera.jpg", { type: "image/jpeg" }));
      photo.files = files.files;
      stop(said.dataset.taken);
      form.elements.subject_code.focus();
    }, "image/jpeg", 0.9);
  };

  find("start").addEventListener("click", start);
  find("take").addEventListener("click", take);
  find("stop").addEventListener("click", () => stop());
  code.addEventListener("input", () => { camera.value = "false"; });
  form.addEventListener("submit", () => stop());
  window.addEventListener("pagehide", () => stop());
}
