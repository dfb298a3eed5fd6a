#!/bin/sh
# Install the Debian packages of tools/apt-packages.txt that are missing; says first which ones.
# Asks dpkg each time, so that a package removed later is seen; without a missing one it touches no network.
set -eu
cd "$(dirname "$0")/.."
log=build/log/apt.txt
units=${UNITS:-/etc/systemd/system}
wanted=$(sed 's/#.*//' tools/apt-packages.txt)

node_is_new_enough() {
	command -v npm >/dev/null && [ "$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')" -ge 18 ] 2>/dev/null
}

# Names of installed packages and of what they provide: some names differ between Debian releases.
installed() {
	dpkg-query --show --showformat '${db:Status-Abbrev},${Package},${Provides}\n' |
		sed -n 's/^.i *,//p' | tr ',' '\n' | sed 's/(.*//; s/[[:space:]]//g'
}

missing() {
	there=$(installed)
	for package in $wanted; do
		case $package in nodejs | npm) ! node_is_new_enough || continue ;; esac
		printf '%s\n' "$there" | grep -qxF "$package" || printf '%s ' "$package"
	done
}

give_up() {
	echo "$1" >&2
	[ ! -s "$log" ] || { echo "Last lines of $log:" && tail -n 15 "$log"; } >&2
	echo "Mend that and run make again, or install them yourself: apt-get install $packages" >&2
	exit 1
}

# Status lines come out at 1, everything else goes into the log. Descriptor 3 is made inside sudo, which closes
# it otherwise; and it must not be shared with dpkg, as apt makes it non-blocking and scripts then fail to write.
apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive sh -c \
		'log=$1 && shift && exec apt-get -o DPkg::Lock::Timeout=300 "$@" 3>&1 >>"$log" 2>&1' sh "$log" "$@"
}

# One mark for each tenth of the way.
progress() {
	shown=0
	while IFS=: read -r kind _ percent _; do
		case $kind in dlstatus | pmstatus) percent=${percent%%.*} ;; *) continue ;; esac
		[ "$kind" = dlstatus ] && percent=$((percent / 2)) || percent=$((50 + percent / 2))
		while [ "$shown" -lt $((percent / 10 * 10)) ]; do
			shown=$((shown + 10))
			printf ' %s%%' "$shown"
		done
	done
	echo
}

# Daemons that tests start in name spaces must not take over the network of a machine that did without them:
# systemd leaves a unit alone that is masked, also at the next start. One that was there before is not touched.
keep_down() {
	[ -d "$units" ] || return 0
	for daemon in network-manager:NetworkManager modemmanager:ModemManager wpasupplicant:wpa_supplicant; do
		unit=$units/${daemon#*:}.service
		case " $packages " in *" ${daemon%%:*} "*) ;; *) continue ;; esac
		[ -e "$unit" ] || [ -L "$unit" ] || $as_root ln -s /dev/null "$unit" || :
	done
}

install() {
	failed=build/log/apt.failed
	rm -f "$failed"
	{ apt install --yes --no-install-recommends -o APT::Status-Fd=3 $packages || : >"$failed"; } | progress
	[ ! -e "$failed" ]
}

if ! command -v dpkg-query >/dev/null; then
	echo "Not a Debian system: what tools/apt-packages.txt names must be there already."
	exit 0
fi
packages=$(missing)
[ -n "$packages" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	as_root=sudo
	command -v sudo >/dev/null || give_up "Debian packages are missing, and there is neither root nor sudo: $packages"
fi
mkdir -p build/log
: >"$log"
echo "Debian packages that will be installed${as_root:+ with sudo}: $packages"
apt update --quiet || give_up "The package lists could not be fetched."
# Only prints. (--assume-no would install, where nothing beyond the named packages is needed.)
apt-get install --print-uris --no-install-recommends $packages 2>/dev/null | grep -E '^(Need to get|After this)' || :
keep_down
printf 'installing'
install || give_up "The packages could not be installed."
