"""The door for a web server: `gunicorn shenzhi.config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shenzhi.config.settings")
application = get_wsgi_application()
