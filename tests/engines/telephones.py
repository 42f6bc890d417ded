"""Telephones for tests: sipp as somebody who calls, presses keys, answers, hangs up. Each ends by itself or with Asterisk."""

import subprocess
from pathlib import Path

from engines.asterisk import Asterisk
from engines.servers import free_port

BEGIN = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n'
HEADERS = """      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:{number}@[local_ip]:[local_port]>;tag=[call_number]
      To: <sip:[service]@[remote_ip]:[remote_port]>{to}
      Call-ID: [call_id]
      Contact: <sip:{number}@[local_ip]:[local_port]>
      Max-Forwards: 70
"""
SDP = """      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=phone 1 1 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0
      a=rtpmap:0 PCMU/8000
"""
HEARS_KEYS = "      a=rtpmap:101 telephone-event/8000\n"
KEY = """  <pause milliseconds="{pause}"/>
  <send retrans="500"><![CDATA[
      INFO [next_url] SIP/2.0
{headers}      CSeq: {n} INFO
      Content-Type: application/dtmf-relay
      Content-Length: [len]

      Signal={key}
      Duration=160
  ]]></send>
  <recv response="200"/>
"""
BYE = """  <pause milliseconds="{pause}"/>
  <send retrans="500"><![CDATA[
      BYE [next_url] SIP/2.0
{headers}      CSeq: 90 BYE
      Content-Length: 0

  ]]></send>
  <recv response="200"/>
"""
HUNG_UP = """  <recv request="BYE" timeout="150000"/>
  <send><![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0

  ]]></send>
"""


def caller(
    house: Asterisk,
    number: str,
    *keys: tuple[int, str],
    to: str = "100",
    seconds: float | None = None,
    media: int = 0,
) -> "subprocess.Popen[bytes]":
    """Somebody calls, presses each key so many milliseconds after what came before, and hangs up after so many seconds.

    `seconds` None: they wait until the other side hangs up. `media`: the port of an ear that hears and speaks in its place.
    """
    sound = SDP.replace("[media_port] RTP/AVP 0", f"{media} RTP/AVP 0 101") + HEARS_KEYS if media else SDP
    asked = HEADERS.format(number=number, to="")
    within = HEADERS.format(number=number, to="[peer_tag_param]")
    steps = [
        BEGIN.format(name="caller"),
        f'  <send retrans="500"><![CDATA[\n      INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n{asked}'
        f"      CSeq: 1 INVITE\n{sound}  ]]></send>\n",
        '  <recv response="100" optional="true"/>\n  <recv response="180" optional="true"/>\n',
        '  <recv response="183" optional="true"/>\n  <recv response="200" rrs="true" timeout="30000"/>\n',
        f"  <send><![CDATA[\n      ACK [next_url] SIP/2.0\n{within}"
        "      CSeq: 1 ACK\n      Content-Length: 0\n\n  ]]></send>\n",
        *(KEY.format(pause=pause, key=key, headers=within, n=2 + n) for n, (pause, key) in enumerate(keys)),
        HUNG_UP if seconds is None else BYE.format(pause=int(seconds * 1000), headers=within),
        "</scenario>\n",
    ]
    port = free_port()
    file = _written(house.folder / f"caller-{port}.xml", steps)
    return house.sipp(f"127.0.0.1:{house.sip}", "-sf", file, "-s", to, "-p", str(port), "-m", "1")


def answering(house: Asterisk, port: int, calls: int = 1) -> "subprocess.Popen[bytes]":
    """A telephone that answers at once, and stays until the other side hangs up."""
    return house.sipp("-sn", "uas", "-p", str(port), "-m", str(calls))


def impatient(house: Asterisk, port: int, seconds: float) -> "subprocess.Popen[bytes]":
    """A telephone that answers at once, and hangs up after so many seconds."""
    reply = (
        "      [last_Via:]\n      [last_From:]\n      [last_To:];tag=[call_number]\n      [last_Call-ID:]\n      [last_CSeq:]\n"
    )
    contact = "      Contact: <sip:[local_ip]:[local_port];transport=[transport]>\n"
    steps = [
        BEGIN.format(name="impatient"),
        '  <recv request="INVITE" crlf="true" rrs="true"/>\n',
        f"  <send><![CDATA[\n      SIP/2.0 200 OK\n{reply}{contact}{SDP}  ]]></send>\n",
        '  <recv request="ACK" rrs="true"/>\n',
        f'  <pause milliseconds="{int(seconds * 1000)}"/>\n',
        '  <send retrans="500"><![CDATA[\n      BYE [next_url] SIP/2.0\n      Via: SIP/2.0/[transport] [local_ip]:[local_port];'
        "branch=[branch]\n      From: [$to];tag=[call_number]\n      To: [$from]\n      Call-ID: [call_id]\n      CSeq: 1 BYE\n"
        '      Max-Forwards: 70\n      Content-Length: 0\n\n  ]]></send>\n  <recv response="200"/>\n',
        "</scenario>\n",
    ]
    steps[1] = (
        '  <recv request="INVITE" crlf="true" rrs="true"><action>'
        '<ereg regexp="(.*)" search_in="hdr" header="From:" assign_to="from"/>'
        '<ereg regexp="[^;]*" search_in="hdr" header="To:" assign_to="to"/></action></recv>\n'
    )
    file = _written(house.folder / f"impatient-{port}.xml", steps)
    return house.sipp("-sf", file, "-p", str(port), "-m", "1")


def _written(path: Path, steps: list[str]) -> str:
    path.write_text("".join(steps))
    return str(path)
