#!/usr/bin/env bash
# Installs what building and testing CX Bridge needs on a bare Debian 12 machine.
#
#   scripts/setup.sh [--with-bench] [--with-docs] [--check]
#
#   --with-bench  also nginx-light, wrk, simdjson and FastAPI (from PyPI), peers of benchmarks/
#   --with-docs   also doxygen, for scripts/docs.sh and the test of its warnings
#   --check       install nothing; exit 0 when everything is there, 1 otherwise
#
# Needs root or sudo, and the Debian package archive. Safe to repeat; a second run takes a moment.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
source scripts/lib/progress.sh

packages=(
    ca-certificates pkg-config python3 python3-venv curl jq sqlite3 tzdata dpkg-dev
    clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19 lld-19 g++
    mold ccache cmake ninja-build
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libboost-system1.81-dev
    libssl-dev libargon2-dev libyaml-cpp-dev libsqlite3-dev
    libphonenumber8 libprotobuf32 libhowardhinnant-date-dev
    libcli11-dev prometheus-cpp-dev libspdlog-dev libfmt-dev libmongoc-dev libhiredis-dev
    openjdk-17-jdk-headless maven
    libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev
)
# libphonenumber-dev depends on Boost 1.74's development files, which conflict with 1.81's; its
# headers and those it includes are unpacked beside the tree instead.
unpacked=(libphonenumber-dev libprotobuf-dev libabsl-dev)

with_bench=0
with_docs=0
check_only=0
for argument in "$@"; do
    case $argument in
        --with-bench) with_bench=1 ;;
        --with-docs) with_docs=1 ;;
        --check) check_only=1 ;;
        -h | --help) sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) die "unknown option $argument (see --help)" ;;
    esac
done
((with_bench)) && packages+=(nginx-light wrk libsimdjson-dev)
((with_docs)) && packages+=(doxygen)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
# A peer of the tests, which start servers of their own; without it those tests are skipped.
command -v redis-server >/dev/null || packages+=(redis-server)
command -v systemd-analyze >/dev/null || packages+=(systemd)  # judges the units; starts nothing
# Peers of the tests that Debian has not, with the version that is tested against.
s3_server_version=v1.8.0
livekit_version=v1.13.5
go_version=1.26.8  # what builds it where the machine has no Go

deps=$root/.deps
stamp=$deps/setup.stamp
mongo_server=$root/tests/store/mongo_server
peers=$root/tests/peers/node
stamp_text="$(cat "${BASH_SOURCE[0]}" "$mongo_server"/* "$peers"/package*.json | sha256sum |
    cut -d' ' -f1)"
bench_python=$deps/bench-python
bench_requirements=$root/benchmarks/load/fastapi_requirements.txt
check_python=$deps/check-python
check_requirements=$root/tests/reference/requirements.txt
fuzz_python=$deps/fuzz-python
fuzz_requirements=$root/tests/openapi_fuzz/requirements.txt

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

# The MongoDB server of the store tests. Without it those tests are skipped, so that a machine that
# does not reach the Maven repository can build and test everything else; with CI=true or
# CXB_TEST_REQUIRE_ALL=1 they fail.
mongo_server_present() {
    [[ -f $deps/mongo_server/classes/TestMongoServer.class ]]
}

# Public packages that judge our tokens, signatures and schemas, exactly those of the lock file.
# Without them those tests are skipped, as above.
node_peers_present() {
    cmp -s "$peers/package-lock.json" "$deps/node/package-lock.json" &&
        [[ -d $deps/node/node_modules ]]
}

# The S3-compatible server of the store tests. It is built by the Go of the machine, else by one that
# is fetched for it (Debian's is too old); without it those tests are skipped, as above.
s3_server_present() {
    [[ -x $deps/versitygw/versitygw &&
        $(cat "$deps/versitygw/version" 2>/dev/null) == "$s3_server_version" ]]
}

# The LiveKit server that carriers are brought to in the tests; as the S3 server.
livekit_server_present() {
    [[ -x $deps/livekit/livekit-server &&
        $(cat "$deps/livekit/version" 2>/dev/null) == "$livekit_version" ]]
}

# Programs that judge the files of docs/operations, unpacked from Debian's packages, so that nothing
# is started here; without them those tests are skipped, as above.
tools_present() {
    [[ -x $deps/tools/nginx && -x $deps/tools/promtool ]]
}

# The Python environment of the FastAPI peer, made from this list of packages.
bench_python_present() {
    ((!with_bench)) || cmp -s "$bench_requirements" "$bench_python/requirements.txt"
}

# The Python environment of the public validators; without it their tests are skipped, with CI=true
# they fail.
check_python_present() {
    cmp -s "$check_requirements" "$check_python/requirements.txt"
}

# The Python environment of the fuzzer of the routes; skipped without it, as above.
fuzz_python_present() {
    cmp -s "$fuzz_requirements" "$fuzz_python/requirements.txt"
}

is_done() {
    [[ -f $stamp && $(<"$stamp") == "$stamp_text" ]] && headers_present && [[ -z $(missing) ]] &&
        mongo_server_present && node_peers_present && s3_server_present &&
        livekit_server_present && check_python_present && tools_present &&
        fuzz_python_present && bench_python_present
}

if is_done; then
    echo "[setup] everything is installed"
    exit 0
fi
if ((check_only)); then
    echo "[setup] missing: $(missing | tr '\n' ' ')"
    headers_present || echo "[setup] missing: phone number headers"
    mongo_server_present || echo "[setup] missing: MongoDB server of the tests"
    node_peers_present || echo "[setup] missing: npm packages of the tests"
    s3_server_present || echo "[setup] missing: S3 server of the tests"
    livekit_server_present || echo "[setup] missing: LiveKit server of the tests"
    check_python_present || echo "[setup] missing: Python environment of the validators"
    tools_present || echo "[setup] missing: nginx and promtool of the tests"
    fuzz_python_present || echo "[setup] missing: Python environment of the fuzzer"
    bench_python_present || echo "[setup] missing: Python environment of the FastAPI peer"
    exit 1
fi

progress_steps $((11 + with_bench))
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
    # Only when it came with this run: a Redis that was here before is somebody's.
    if [[ " ${wanted[*]} " == *" redis-server "* ]] && command -v systemctl >/dev/null; then
        as_root systemctl disable --now redis-server >/dev/null 2>&1 || true
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

step "Unpacking nginx and promtool of the tests into .deps"
if ! tools_present; then
    download=$deps/download
    rm -rf "$download"
    mkdir -p "$download" "$deps/tools"
    for package in nginx prometheus; do
        if (cd "$download" && logged "$log_dir/download-$package.log" \
            apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root download "$package"); then
            dpkg -x "$download/$package"_*.deb "$download/all"
        else
            say "note: $package cannot be fetched, see $log_dir/download-$package.log;"
            say "      the tests of docs/operations with it will be skipped (with CI=true: fail)"
        fi
    done
    for program in usr/sbin/nginx usr/bin/promtool; do
        [[ ! -x $download/all/$program ]] || cp "$download/all/$program" "$deps/tools/"
    done
    rm -rf "$download"
fi

step "Building the MongoDB server of the tests into .deps"
rm -rf "$deps/mongo_server"
mkdir -p "$deps/mongo_server/classes"
# Its own repository folder: a machine of continuous integration may have no home. Three minutes are
# for a network that swallows packets; a fetch takes seconds.
if logged "$log_dir/mongo-server-jars.log" timeout 180 mvn -q -B -f "$mongo_server/pom.xml" \
    "-Dmaven.repo.local=$deps/maven" \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    "-DoutputDirectory=$deps/mongo_server/lib"; then
    logged "$log_dir/mongo-server-javac.log" javac -cp "$deps/mongo_server/lib/*" \
        -d "$deps/mongo_server/classes" "$mongo_server/TestMongoServer.java" ||
        die "the test server does not compile, see $log_dir/mongo-server-javac.log"
else
    say "note: its libraries cannot be fetched, see $log_dir/mongo-server-jars.log;"
    say "      the tests of the MongoDB store will be skipped (with CI=true: fail)"
fi

step "Fetching the npm packages of the tests into .deps"
if ! node_peers_present; then
    rm -rf "$deps/node"
    mkdir -p "$deps/node"
    cp "$peers"/package*.json "$deps/node"
    # Nothing they bring runs at installation; a cache of its own, as for Maven.
    if ! (cd "$deps/node" && logged "$log_dir/npm.log" timeout 180 npm ci --ignore-scripts \
        --no-audit --no-fund "--cache=$deps/npm"); then
        rm -rf "$deps/node"
        say "note: they cannot be fetched, see $log_dir/npm.log;"
        say "      the tests against them will be skipped (with CI=true: fail)"
    fi
fi

# fetch_go: Go's own module of itself, into .deps/go.
fetch_go() {
    local name arch
    arch=$(dpkg --print-architecture)
    name=v0.0.1-go$go_version.linux-$arch
    rm -rf "$deps/go" "$deps/go.zip"
    curl -fsSL --retry 2 -m 180 -o "$deps/go.zip" \
        "https://proxy.golang.org/golang.org/toolchain/@v/$name.zip" &&
        python3 -m zipfile -e "$deps/go.zip" "$deps/go.part" &&
        mv "$deps/go.part/golang.org/toolchain@$name" "$deps/go" &&
        chmod -R u+x "$deps/go/bin" "$deps/go/pkg/tool" && rm -rf "$deps/go.zip" "$deps/go.part"
}

need_go() {
    command -v go >/dev/null && return
    [[ -x $deps/go/bin/go ]] || logged "$log_dir/go.log" fetch_go ||
        say "note: Go cannot be fetched, see $log_dir/go.log;"
    PATH=$PATH:$deps/go/bin
}

step "Building the S3 server of the tests into .deps"
if ! s3_server_present; then
    need_go
    # A minute or two on two processors; five are for a network that swallows packets.
    mkdir -p "$deps/versitygw"
    if logged "$log_dir/s3-server.log" env GOFLAGS=-mod=mod "GOBIN=$deps/versitygw" timeout 300 \
        go install "github.com/versity/versitygw/cmd/versitygw@$s3_server_version"; then
        echo "$s3_server_version" >"$deps/versitygw/version"
    else
        say "note: it cannot be built, see $log_dir/s3-server.log;"
        say "      the tests against an S3 server will be skipped (with CI=true: fail)"
    fi
fi

step "Building the LiveKit server of the tests into .deps"
if ! livekit_server_present; then
    need_go
    # Some minutes on two processors; it is large.
    mkdir -p "$deps/livekit"
    if logged "$log_dir/livekit-server.log" env GOFLAGS=-mod=mod "GOBIN=$deps/livekit" timeout 1200 \
        nice -n 10 go install "github.com/livekit/livekit-server/cmd/server@$livekit_version" &&
        mv "$deps/livekit/server" "$deps/livekit/livekit-server"; then
        echo "$livekit_version" >"$deps/livekit/version"
    else
        say "note: it cannot be built, see $log_dir/livekit-server.log;"
        say "      the tests against a LiveKit server will be skipped (with CI=true: fail)"
    fi
fi

# make_python NAME FOLDER REQUIREMENTS: an environment with exactly the packages of the list; as it
# names every package, pip resolves nothing.
make_python() {
    rm -rf "$2"
    logged "$log_dir/$1-python.log" python3 -m venv "$2" &&
        logged "$log_dir/$1-pip.log" timeout 300 "$2/bin/pip" install -q --no-deps \
            --disable-pip-version-check -r "$3" &&
        cp "$3" "$2/requirements.txt" ||
        say "note: it cannot be made, see $log_dir/$1-python.log and $1-pip.log;"
}

step "Making the Python environment of the validators in .deps"
check_python_present || make_python check "$check_python" "$check_requirements"
check_python_present || say "      their tests will be skipped (with CI=true: fail)"

step "Making the Python environment of the fuzzer in .deps"
fuzz_python_present || make_python fuzz "$fuzz_python" "$fuzz_requirements"
fuzz_python_present || say "      its test will be skipped (with CI=true: fails)"

if ((with_bench)); then
    step "Making the Python environment of the FastAPI peer in .deps"
    bench_python_present || make_python bench "$bench_python" "$bench_requirements"
    bench_python_present ||
        say "      measure without it: benchmarks/load/run.py --peers api,nginx,beast,sqlite"
fi

step "Recording what was done"
printf '%s\n' "$stamp_text" >"$stamp"
say "done after $(elapsed); compiler: $(clang++-19 --version | head -n 1)"
