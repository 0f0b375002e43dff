import threading, os
import pytest
from werkzeug.serving import make_server
from playwright.sync_api import sync_playwright
from tests.conftest import PASSWORD


def test_shots(story, app, people, make_app, monkeypatch):
    import kernel.web.answers as A

    monkeypatch.setitem(A.HEADERS, "Referrer-Policy", "same-origin")
    batch = story.formulated()
    story.weigh(story.read(__import__("manufacturing.queries.trial", fromlist=["x"]).get_subject, batch.subject_id))
    story.fill(batch)
    from decimal import Decimal

    story.correct(batch, 1, "inspect", viability=Decimal("89.0"))
    story.verify(batch, 1)
    dev = story.deviate(batch, step="1")
    story.hold("batch", batch.id)
    demo = make_app("demo") if False else app
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        with sync_playwright() as p:
            b = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for who, paths in {
                "T": {
                    "work": "/",
                    "bench": f"/batches/{batch.id}/steps/8/perform",
                    "correct": f"/batches/{batch.id}/steps/1/correct",
                    "verify": f"/batches/{batch.id}/steps/1/check",
                    "fill": f"/batches/{batch.id}/fill",
                    "receive": f"/collections/{batch.collection_id}/receive",
                    "donor": f"/collections/{batch.collection_id}/donor",
                },
                "QA": {
                    "batch": f"/batches/{batch.id}",
                    "collection": f"/collections/{batch.collection_id}",
                    "step": f"/batches/{batch.id}/steps/1",
                    "deviation": f"/deviations/{dev.id}",
                    "batches": "/batches",
                    "subjects": "/subjects",
                    "subject": f"/subjects/{batch.subject_id}",
                },
            }.items():
                ctx = b.new_context(viewport={"width": 1280, "height": 900}, locale="nl-NL")
                page = ctx.new_page()
                page.goto(base + "/login")
                page.fill("[name=login]", who)
                page.fill("[name=password]", PASSWORD)
                page.locator("main form button").first.click()
                page.wait_for_load_state()
                page.wait_for_url(lambda u: "login" not in u, timeout=5000)
                lang = os.environ.get("SHOT_LANG", "nl")
                for name, path in paths.items():
                    page.goto(base + path + "?lang=" + lang)
                    page.wait_for_load_state()
                    page.screenshot(path=f"/tmp/shot_{name}.png", full_page=True)
                from axe_playwright_python.sync_playwright import Axe

                for name, path in paths.items():
                    page.goto(base + path)
                    page.wait_for_load_state()
                    r = Axe().run(page)
                    if r.violations_count:
                        print(
                            "AXE",
                            name,
                            [(v["id"], [n["html"][:160] for n in v["nodes"]][:4]) for v in r.response["violations"]],
                        )
            b.close()
    finally:
        server.shutdown()
