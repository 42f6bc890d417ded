"""The log: how the program fares, as fields; the ledger says what the business did."""

import logging
import sys

import structlog

from rapport.settings import Settings


def set_up_logging(settings: Settings) -> None:
    """Send what is logged to standard error, as the settings say."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    last = structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # a lost connection is logged by the loop that lost it
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
