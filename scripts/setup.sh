#!/usr/bin/env bash
# Installs what building and testing CX Bridge needs on a bare Debian 12 machine.
#
#   scripts/setup.sh [--with-bench] [--check]
#
#   --with-bench  also nginx-light and wrk, the peers of benchmarks/load
#   --check       install nothing; exit 0 when everything is there, 1 otherwise
#
# Needs root or sudo, and the Debian package archive. Safe to repeat; a second run takes a moment.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
source scripts/lib/progress.sh

packages=(
    ca-certificates pkg-config python3 curl jq sqlite3 tzdata
    clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19 lld-19 g++
    mold ccache cmake ninja-build
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libboost-system1.81-dev
    libssl-dev libargon2-dev libyaml-cpp-dev libsqlite3-dev
    libphonenumber8 libprotobuf32 libhowardhinnant-date-dev
    libcli11-dev prometheus-cpp-dev libspdlog-dev libfmt-dev
    libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev
)
# libphonenumber-dev depends on Boost 1.74's development files, which conflict with 1.81's; its
# headers and those it includes are unpacked beside the tree instead.
unpacked=(libphonenumber-dev libprotobuf-dev libabsl-dev)

with_bench=0
check_only=0
for argument in "$@"; do
    case $argument in
        --with-bench) with_bench=1 ;;
        --check) check_only=1 ;;
        -h | --help) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) die "unknown option $argument (see --help)" ;;
    esac
done
((with_bench)) && packages+=(nginx-light wrk)
command -v node >/dev/null || packages+=(nodejs)

deps=$root/.deps
stamp=$deps/setup.stamp
stamp_text="$(sha256sum "${BASH_SOURCE[0]}" | cut -d' ' -f1)"

# missing: the packages of the list that dpkg does not have, one a line.
missing() {
    comm -23 <(printf '%s\n' "${packages[@]}" | sort -u) \
        <(dpkg-query -W -f '${Status}\t${Package}\n' 2>/dev/null |
            sed -n 's/^install ok installed\t//p' | sort -u)
}

headers_present() {
    [[ -f $deps/usr/include/phonenumbers/phonenumberutil.h &&
        -f $deps/usr/include/google/protobuf/message.h &&
        -d $deps/usr/include/absl ]]
}

is_done() {
    [[ -f $stamp && $(<"$stamp") == "$stamp_text" ]] && headers_present && [[ -z $(missing) ]]
}

if is_done; then
    echo "[setup] everything is installed"
    exit 0
fi
if ((check_only)); then
    echo "[setup] missing: $(missing | tr '\n' ' ')$(headers_present || echo 'phone number headers')"
    exit 1
fi

progress_steps 4
trap report_failure EXIT
log_dir=$deps/log
mkdir -p "$log_dir"

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        -o Acquire::Retries=3 -o APT::Sandbox::User=root "$@"
}

step "Checking the machine"
[[ -r /etc/os-release ]] && source /etc/os-release
if [[ ${ID:-} != debian || ${VERSION_ID:-} != 12 ]]; then
    say "note: this is ${PRETTY_NAME:-an unknown system}; the packages are named as in Debian 12"
fi
command -v apt-get >/dev/null || die "apt-get not found: install by hand: ${packages[*]}"
mapfile -t wanted < <(missing)
if ((${#wanted[@]} > 0 && EUID != 0)); then
    command -v sudo >/dev/null ||
        die "not root and no sudo. As root run: apt-get install ${wanted[*]}"
    if ! sudo -n true 2>/dev/null; then
        [[ -t 0 ]] || die "sudo wants a password and there is no terminal to ask for it"
        sudo -v || die "sudo refused"
    fi
fi
old_boost=$(dpkg-query -W -f '${Status}\t${Package}\n' 'libboost*1.74-dev' 'libboost-dev' \
    'libboost-*-dev' 2>/dev/null |
    sed -n 's/^install ok installed\t//p' | grep -v '1\.81' | sort -u | tr '\n' ' ' || true)
if [[ -n $old_boost ]]; then
    printf '%s\n' "These packages of Boost 1.74 (Debian 12's default) are installed:" \
        "  $old_boost" \
        "They conflict with the Boost 1.81 packages this project needs; both cannot be installed." \
        "Remove them first, if nothing else on this machine needs them:" \
        "  apt-get remove $old_boost" >&2
    die "Boost 1.74 development packages are in the way"
fi
say "${#wanted[@]} of ${#packages[@]} packages are to be installed"

# explain_packages LOG: names the packages that cannot be installed, and why.
explain_packages() {
    local package
    progress_log=$1
    echo "The package installation failed. Trying each package alone to find the cause:" >&2
    for package in "${wanted[@]}"; do
        if ! apt-get -q -s install "$package" >"$log_dir/one.log" 2>&1; then
            echo "  cannot install: $package" >&2
            grep -E '^(E:| .*(Depends|Conflicts|Breaks))' "$log_dir/one.log" |
                sed 's/^/      /' >&2 || true
        fi
    done
}

# show_apt_progress TOTAL: counts what was fetched and set up.
show_apt_progress() {
    local total=$1 fetched=0 ready=0 line every
    every=$(((total + 9) / 10))
    while IFS= read -r line; do
        case $line in
            Get:*) fetched=$((fetched + 1)) ;;
            "Setting up "*) ready=$((ready + 1)) ;;
            *) continue ;;
        esac
        if [[ -t 1 ]]; then
            printf '\r      fetched %d, set up %d of %d, %s ' "$fetched" "$ready" "$total" \
                "$(elapsed)"
        elif (((fetched + ready) % every == 0)); then
            say "fetched $fetched, set up $ready of $total, $(elapsed)"
        fi
    done
    if [[ -t 1 ]]; then printf '\n'; fi
}

step "Installing packages"
if ((${#wanted[@]} > 0)); then
    say "reading the package lists"
    logged "$log_dir/apt-update.log" apt update ||
        say "note: apt-get update reported problems, see $log_dir/apt-update.log"
    progress_log=$log_dir/apt-install.log
    total=$(apt-get -q -s --no-install-recommends install "${wanted[@]}" 2>"$progress_log" |
        grep -c '^Inst' || true)
    if ((total == 0)) ||
        ! apt --no-install-recommends install "${wanted[@]}" </dev/null 2>&1 |
        tee "$progress_log" | show_apt_progress "$total"; then
        explain_packages "$progress_log"
        exit 1
    fi
    if [[ " ${wanted[*]} " == *" nginx-light "* ]] && command -v systemctl >/dev/null; then
        as_root systemctl disable --now nginx >/dev/null 2>&1 || true
    fi
fi
still=$(missing | tr '\n' ' ')
[[ -z $still ]] || die "still not installed: $still"

step "Unpacking the phone number headers into .deps"
if ! headers_present; then
    download=$deps/download
    rm -rf "$download"
    mkdir -p "$download"
    for package in "${unpacked[@]}"; do
        (cd "$download" && logged "$log_dir/download-$package.log" \
            apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root download "$package") || {
            progress_log=$log_dir/download-$package.log
            die "cannot download the package $package"
        }
        dpkg -x "$download/$package"_*.deb "$deps"
        say "$package"
    done
    rm -rf "$download"
    # Only the headers are wanted: the libraries come from the runtime packages.
    rm -rf "$deps/usr/lib" "$deps/usr/share" "$deps/usr/bin"
fi
headers_present || die "the phone number headers are not where they should be below $deps"

step "Recording what was done"
printf '%s\n' "$stamp_text" >"$stamp"
say "done after $(elapsed); compiler: $(clang++-19 --version | head -n 1)"
