#!/bin/sh
# Installs the foreign servers of the tests that are marked `nightly`: those that take minutes to come.
#
#   .ci/nightly.sh [bluesky]...    as root, on Debian; without a name: all of them
#
# bluesky: Bluesky's network for developers (its PDS, directory, AppView and moderation service) from npm with the node that it
# needs, Redis and a compiler from Debian. Everything of npm lies in $RAPPORT_ENGINES (.cache/engines); nothing is started.
# Running it again is quick: what is there is kept.
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

[ $# -gt 0 ] || set -- bluesky
for name in "$@"; do
  case $name in
    bluesky) bluesky ;;
    *) echo "nightly.sh: $name is not known; one of: bluesky" >&2; exit 2 ;;
  esac
done
