"""A browser that keeps its cookies and sends forms as people do, with the token of the page."""

from __future__ import annotations

from django.test import Client

PASSWORD = "seven pines in the wind"


class Browser(Client):
    """A browser in which somebody signs in through the page; CSRF is checked, as it is for real ones."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=True)

    def send(self, path, data=None, **more):
        """Load a page for its token, then send its form."""
        if "csrftoken" not in self.cookies:
            self.get("/account/login/")
        token = self.cookies["csrftoken"].value
        return self.post(path, {**(data or {}), "csrfmiddlewaretoken": token}, **more)

    def sign_in(self, name, password=PASSWORD, **more):
        return self.send("/account/login/", {"login": name, "password": password, **more})

    def confirm(self, password=PASSWORD):
        """Give the password again, as sensitive steps ask."""
        return self.send("/account/reauthenticate/", {"password": password})
