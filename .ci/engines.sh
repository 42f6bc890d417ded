#!/bin/sh
# Installs the foreign servers that the engine tests talk to: snac2 (a fediverse server), Postfix and Dovecot, swaks, Kannel
# with its fake centre, Prosody, nginx, Mosquitto, Synapse.
#
#   .ci/engines.sh            as root, on Debian
#
# All but snac2 and Synapse come from the machine's own Debian; nothing of them is started. snac2 is not in Debian 12: it is
# downloaded from trixie through an apt root of its own and unpacked into $RAPPORT_ENGINES (.cache/engines), so the machine's
# package sources stay as they are. Running it again is quick: what is there is kept.
set -eu

engines=${RAPPORT_ENGINES:-.cache/engines}
mkdir -p "$engines"
engines=$(cd "$engines" && pwd)

if [ "$(id -u)" != 0 ]; then
  echo "engines.sh: must run as root, to install Debian packages; use sudo" >&2
  exit 2
fi

no_daemon_starts() {  # Debian asks policy-rc.d before it starts a service; 101 means: do not
  guard=/usr/sbin/policy-rc.d
  if [ ! -e "$guard" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$guard"
    chmod 755 "$guard"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
}

install_packages() {
  missing=
  for package in postfix dovecot-imapd dovecot-lmtpd swaks kannel kannel-extras prosody nginx-light mosquitto \
    libcurl4 libssl3; do  # the last two are what snac2 needs
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  no_daemon_starts
  export DEBIAN_FRONTEND=noninteractive
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  apt-get -qq update
  # shellcheck disable=SC2086  # a list of names
  apt-get -qq -y --no-install-recommends install $missing
}

private_root() {  # FOLDER SUITE: an apt that knows that suite and shares nothing with the machine's own
  root=$1
  rm -rf "$root"
  mkdir -p "$root/lists/partial" "$root/cache/archives/partial" "$root/state"
  : >"$root/state/status"
  site=$(apt-get indextargets --format '$(SITE)' | head -1)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $2 main" >"$root/sources.list"
  printf '%s\n' "Dir::Etc::sourcelist \"$root/sources.list\";" 'Dir::Etc::sourceparts "-";' "Dir::Cache \"$root/cache\";" \
    "Dir::State \"$root/state\";" "Dir::State::lists \"$root/lists\";" "Dir::State::status \"$root/state/status\";" \
    'APT::Sandbox::User "root";' >"$root/apt.conf"
  APT_CONFIG="$root/apt.conf" apt-get -qq update
}

install_snac() {
  [ ! -x "$engines/snac2/usr/bin/snac" ] || return 0
  private_root "$engines/apt" trixie
  rm -rf "$engines/snac2.new" "$engines"/snac2_*.deb
  (cd "$engines" && APT_CONFIG="$engines/apt/apt.conf" apt-get -qq download snac2)
  dpkg -x "$engines"/snac2_*.deb "$engines/snac2.new"
  mv "$engines/snac2.new" "$engines/snac2"
  rm -rf "$engines/apt"
}

install_synapse() {  # a Matrix homeserver, in a virtual environment of its own
  [ ! -x "$engines/synapse/bin/python" ] || return 0
  rm -rf "$engines/synapse.new"
  python3 -m venv "$engines/synapse.new"
  "$engines/synapse.new/bin/python" -m pip install -q --disable-pip-version-check matrix-synapse
  mv "$engines/synapse.new" "$engines/synapse"
}

install_packages
install_snac
install_synapse
echo "engines are in place: $("$engines/snac2/usr/bin/snac" 2>&1 | head -1), $(postconf -h mail_version 2>/dev/null | sed 's/^/postfix /'), \
dovecot $(dovecot --version | cut -d' ' -f1), $(command -v swaks), $(/usr/sbin/nginx -v 2>&1 | cut -d: -f2-), \
kannel $(dpkg-query -W -f '${Version}' kannel), prosody $(dpkg-query -W -f '${Version}' prosody), \
mosquitto $(dpkg-query -W -f '${Version}' mosquitto)"
