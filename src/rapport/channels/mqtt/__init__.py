"""MQTT: what devices publish, as journey events; a broker of your own. Needs the extra `mqtt`."""
