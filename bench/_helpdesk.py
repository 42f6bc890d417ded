"""django-helpdesk as the e-mail bench measures it; runs in an environment of its own, and imports nothing of ours.

`python -P _helpdesk.py SOCKET_FOLDER USER` makes its tables in the database `helpdesk` and says {}; then, for each line of JSON
with the texts of mails, it takes them one by one and says {wall, cpu, made}: seconds, seconds of this process, and tickets.
"""

import json
import logging
import sys
import time

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="only for the bench",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.sites",
        "django.contrib.humanize",
        "helpdesk",
        "rest_framework",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "helpdesk",
            "HOST": sys.argv[1],
            "USER": sys.argv[2],
            "CONN_MAX_AGE": None,
        }
    },
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    HELPDESK_TEAMS_MODE_ENABLED=False,  # its migrations need another package without this
    ROOT_URLCONF="__main__",
    SITE_ID=1,
    USE_TZ=True,
    LOGGING_CONFIG=None,
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.urls import include, path  # noqa: E402
from helpdesk.email import extract_email_metadata  # noqa: E402
from helpdesk.models import Queue, Ticket  # noqa: E402

urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]


def main() -> None:
    """Take mails until nobody hands any in."""
    silent = logging.getLogger("bench")
    silent.disabled = True
    call_command("migrate", verbosity=0)
    care, _ = Queue.objects.get_or_create(
        slug="care", defaults={"title": "Care", "email_address": "care@example.test", "allow_email_submission": True}
    )
    print("{}", flush=True)
    for line in sys.stdin:
        texts = json.loads(line)
        before, wall, cpu = Ticket.objects.count(), time.perf_counter(), time.process_time()
        for text in texts:
            extract_email_metadata(text, care, silent)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(json.dumps({"wall": wall, "cpu": cpu, "made": Ticket.objects.count() - before}), flush=True)


if __name__ == "__main__":
    main()
