import pytest
def test_smoke(town, listed):
    for who in ("public","member","clerk","reviewer","stranger","administrator"):
        c=town.client(who)
        for p in ("/registers/","/registers/officers/","/registers/officers/about/",f"/registers/officers/{listed.number}/","/registers/organisations/","/registers/limits/?sort=-days",f"/id/org/{town.firm.code}/",f"/id/org/{town.firm.code}.json"):
            for lang in ("","/en"):
                r=c.get(lang+p)
                print(who, lang+p, r.status_code)
    open("/tmp/h/pages/entry.html","wb").write(town.client("clerk").get(f"/registers/officers/{listed.number}/").content)
    open("/tmp/h/pages/public.html","wb").write(town.client("public").get(f"/en/registers/officers/{listed.number}/").content)
    from pathlib import Path
    for n,p,w in (("all","/registers/","clerk"),("list","/registers/officers/","clerk"),("about","/registers/officers/about/","public"),("org",f"/id/org/{town.firm.code}/","clerk"),("bad","/id/org/919900000000000193/","public"),("add","/registers/officers/add/","member"),("enlist","/en/registers/officers/","public")):
        Path(f"/tmp/h/pages/{n}.html").write_bytes(town.client(w).get(p).content)
    Path("/tmp/h/pages/err.html").write_bytes(town.client("member").post("/registers/officers/add/",{"name":"x"}).content)
