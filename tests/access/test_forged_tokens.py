"""A provider that cheats: identity tokens with a wrong signature, issuer, audience, time or person let nobody in."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from shenzhi.config.settings import single_sign_on

OWN, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


class Provider(BaseHTTPRequestHandler):
    """Answers as OpenID Connect asks, with whatever token and person the test chose."""

    def do_GET(self):
        here = f"http://{self.headers['Host']}"
        key = {
            **json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(OWN.public_key())),
            "kid": "own",
            "alg": "RS256",
        }
        self.answer(
            {
                "/.well-known/openid-configuration": {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/person",
                    "jwks_uri": f"{here}/keys",
                },
                "/keys": {"keys": [key]},
                "/person": {"sub": self.server.person, "preferred_username": "chen"},
            }[self.path]
        )

    def do_POST(self):
        self.answer({"access_token": "x", "token_type": "Bearer", "id_token": self.server.token})

    def answer(self, said):
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def cheat(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.here, server.person = f"http://127.0.0.1:{server.server_port}", "1001"
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on(
        server.here, "shenzhi", "a secret of thirty-two letters and more"
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()


def signed(claims, key=OWN, algorithm="RS256", kid="own"):
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


@pytest.mark.parametrize(
    ("forged", "status"),
    [
        (lambda c: signed(c), 302),
        (lambda c: signed(c, key=OTHER), 401),
        (lambda c: signed(c, key="a secret of thirty-two letters and more", algorithm="HS256"), 401),
        (lambda c: jwt.encode(c, None, algorithm="none", headers={"kid": "own"}), 401),
        (lambda c: signed(c, kid="unheard of"), 401),
        (lambda c: signed({**c, "iss": "http://elsewhere"}), 401),
        (lambda c: signed({**c, "aud": "another office"}), 401),
        (lambda c: signed({**c, "exp": int(time.time()) - 120}), 401),
        (lambda c: signed({name: value for name, value in c.items() if name != "exp"}), 401),
        (lambda c: signed({**c, "sub": "2002"}), 401),
        (lambda c: signed({**c, "nonce": "another"}), 403),
        (lambda c: signed({name: value for name, value in c.items() if name != "nonce"}), 403),
        (lambda c: "no token at all", 401),
        (lambda c: None, 401),
    ],
)
def test_only_an_honest_token_lets_in(people, cheat, browser, forged, status):
    page = browser.send("/account/sso/city/")
    asked = parse_qs(urlsplit(page["Refresh"].removeprefix("0; url=")).query)
    now = int(time.time())
    honest = {
        "iss": cheat.here, "sub": "1001", "aud": "shenzhi", "iat": now, "exp": now + 60, "nonce": asked["nonce"][0],
    }  # fmt: skip
    cheat.token = forged(honest)
    answer = browser.get("/account/sso/city/callback/", {"code": "x", "state": asked["state"][0]})
    assert answer.status_code == status
    assert (browser.get("/account/").status_code == 200) is (status == 302)


def test_a_provider_that_does_not_answer_breaks_nothing(people, settings, browser):
    settings.SOCIALACCOUNT_PROVIDERS = single_sign_on("http://127.0.0.1:9", "shenzhi", "secret")
    answer = browser.send("/account/sso/city/")
    assert answer.status_code == 401
    assert "统一身份认证没有完成" in answer.content.decode()
