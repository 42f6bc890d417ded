#!/bin/sh
# Installs the foreign servers that are too heavy for every run; the tests that need them are marked `nightly`.
#
#   .ci/nightly.sh [bluesky|voice]...    as root, on Debian; without a name: all of them
#
# bluesky: Bluesky's network for developers (its PDS, directory, AppView and moderation service) from npm with the node that it
# needs, Redis and a compiler from Debian. Everything of npm lies in $RAPPORT_ENGINES (.cache/engines).
# voice: Asterisk 22 and sipp. Asterisk is in no released Debian now, so it comes from sid through an apt root of its own, with
# all that it needs, and is unpacked into $RAPPORT_ENGINES/asterisk.
# Nothing is started, and running it again is quick: what is there is kept.
set -eu

NODE=22             # the newest that the network's native module is built with
BLUESKY=0.6.7       # @atproto/dev-env: PDS, PLC, AppView, Ozone as one program

engines=${RAPPORT_ENGINES:-.cache/engines}
mkdir -p "$engines"
engines=$(cd "$engines" && pwd)

if [ "$(id -u)" != 0 ]; then
  echo "nightly.sh: must run as root, to install Debian packages; use sudo" >&2
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

need_packages() {  # NAME...: those of Debian that are not here yet
  missing=
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  no_daemon_starts
  apt-get -qq -o DPkg::Lock::Timeout=300 update
  # shellcheck disable=SC2086  # a list of names
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install $missing >/dev/null
}

install_node() {  # a node of our own: Debian's is too old
  [ ! -x "$engines/node/bin/node" ] || return 0
  command -v npm >/dev/null || need_packages npm
  case $(uname -m) in aarch64) chip=arm64 ;; *) chip=x64 ;; esac
  rm -rf "$engines/node.new"
  npm install --silent --no-fund --no-audit --ignore-scripts --prefix "$engines/node.new" "node-linux-$chip@$NODE"
  rm -rf "$engines/node"
  mv "$engines/node.new/node_modules/node-linux-$chip" "$engines/node"
  rm -rf "$engines/node.new"
}

install_bluesky() {
  need_packages redis-server postgresql g++ make python3  # the AppView wants an extension (pg_trgm) that the wheel of ours lacks
  install_node
  [ ! -e "$engines/bluesky/ready-$BLUESKY" ] || return 0
  rm -rf "$engines/bluesky"
  mkdir "$engines/bluesky"
  (
    cd "$engines/bluesky"
    PATH="$engines/node/bin:$PATH"
    echo '{"private": true, "type": "module"}' >package.json
    npm install --silent --no-fund --no-audit --ignore-scripts "@atproto/dev-env@$BLUESKY" node-gyp
    cd node_modules/better-sqlite3  # what npm has of it is built for others
    node ../.bin/node-gyp rebuild --release --nodedir="$engines/node" >"$engines/bluesky/built.log" 2>&1 ||
      { tail -20 "$engines/bluesky/built.log" >&2; exit 1; }
  )
  touch "$engines/bluesky/ready-$BLUESKY"
}

bluesky() {
  install_bluesky
  echo "bluesky is in place: dev-env $BLUESKY, node $("$engines/node/bin/node" --version), redis-server, postgresql"
}

private_root() {  # FOLDER SUITE: an apt that knows that suite, shares nothing with the machine's own and thinks nothing is installed
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

download() {  # FOLDER SUITE PACKAGE...: the packages and all that they need; sid moves, so what is gone is looked up anew
  folder=$1 suite=$2
  shift 2
  for try in 1 2 3; do
    private_root "$engines/apt-$suite" "$suite"
    mkdir -p "$folder/partial"
    APT_CONFIG="$engines/apt-$suite/apt.conf" apt-get -qq -y -d -o Dir::Cache::archives="$folder" --no-install-recommends \
      install "$@" && return 0
    echo "nightly.sh: try $try to download $* from $suite failed" >&2
  done
  return 1
}

install_sipp() {
  command -v sipp >/dev/null && return 0
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install sip-tester >/dev/null
}

install_asterisk() {
  [ ! -x "$engines/asterisk/usr/sbin/asterisk" ] || return 0
  new="$engines/asterisk.new"
  rm -rf "$new"
  mkdir -p "$new/usr/bin" "$new/usr/sbin" "$new/usr/lib" "$new/usr/lib64"
  for part in bin sbin lib lib64; do ln -sfn "usr/$part" "$new/$part"; done
  download "$engines/asterisk-debs" sid asterisk
  for package in "$engines"/asterisk-debs/*.deb; do dpkg -x "$package" "$new"; done
  mv "$new" "$engines/asterisk"
  rm -rf "$engines/apt-sid" "$engines/asterisk-debs"
}

voice() {
  install_sipp
  install_asterisk
  echo "voice is in place: Asterisk in $engines/asterisk, $(sipp -v | sed -n 's/^ *\(SIPp v[^ ]*\).*/\1/p')"
}

[ $# -gt 0 ] || set -- bluesky voice
for name in "$@"; do
  case $name in
    bluesky) bluesky ;;
    voice) voice ;;
    *) echo "nightly.sh: $name is not known; one of: bluesky, voice" >&2; exit 2 ;;
  esac
done
