#!/usr/bin/env bash
# Makes the Debian packages of a build, installs them into a folder, uses them there and removes
# them again. The machine itself is left alone.
#
#   debian_packages.sh BUILD_DIR WORK_DIR CMAKE COMPILER
set -euo pipefail
build=$1 work=$2 cmake=$3 compiler=$4
for tool in dpkg dpkg-deb dpkg-shlibdeps; do
    command -v "$tool" >/dev/null && continue
    [[ ${CI:-} == true || ${CXB_TEST_REQUIRE_ALL:-} == 1 ]] && { echo "$tool is missing"; exit 1; }
    echo "SKIP: $tool is missing"
    exit 0
done
fail() {
    echo "$*" >&2
    exit 1
}
rm -rf "$work"
mkdir -p "$work/made" "$work/root/var/lib/dpkg/"{info,updates,parts,triggers}
root=$work/root

# Packages of a test need not be small.
(cd "$build" && "$(dirname "$cmake")/cpack" -G DEB -B "$work/made" \
    -D CPACK_DEBIAN_COMPRESSION_TYPE=none) >"$work/cpack.log" 2>&1 ||
    { cat "$work/cpack.log" >&2; fail "cpack failed"; }
deb() { ls "$work/made/$1"_*.deb; }
field() { dpkg-deb -f "$(deb "$1")" "$2"; }
for package in libcxb1 libcxb-dev cxb-server cxb-cli; do
    [[ $(field "$package" Package) == "$package" ]] || fail "no package $package"
    dpkg-deb -c "$(deb "$package")" | awk '$2 != "root/root" { bad = 1; print } END { exit bad }' ||
        fail "$package: files that are not root's"
done
[[ $(ls "$work/made"/*.deb | wc -l) == 4 ]] || fail "other packages: $(ls "$work/made")"

# What they say they need: the libraries of the system, and of ours what they really use.
[[ $(field libcxb-dev Depends) == *"libcxb1 (= "* ]] || fail "libcxb-dev is not tied to libcxb1"
for need in libc6 libssl3 libboost-json1.81.0 libsqlite3-0 libphonenumber8; do
    [[ $(field libcxb1 Depends) == *"$need"* ]] || fail "libcxb1 does not depend on $need"
done
[[ $(field cxb-server Depends) == *libyaml-cpp* ]] || fail "cxb-server does not need yaml-cpp"
[[ $(field cxb-server Depends)$(field cxb-cli Depends) != *libcxb* ]] ||
    fail "the programs are linked with the static libraries"

# The database of the folder begins as a copy of the machine's, so that dependencies are judged.
dpkg-query -W -f '${db:Status-Abbrev}|${Package}|${Version}|${Architecture}|${Provides}\n' |
    awk -F'|' '$1 ~ /^ii/ && !seen[$2]++ {
        printf "Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: %s\n", $2, $3, $4
        if ($5 != "") printf "Provides: %s\n", $5
        printf "Maintainer: nobody\nDescription: a copy\n\n"
    }' >"$root/var/lib/dpkg/status"
awk '$1 == "Package:" { print $2 }' "$root/var/lib/dpkg/status" | while read -r name; do
    : >"$root/var/lib/dpkg/info/$name.list"
done
# The folder has no shell to run scripts with. They run outside, and may only call ldconfig, which
# here is one that knows the folder.
mkdir "$work/tools"
printf '#!/bin/sh\nexec /sbin/ldconfig -r "${DPKG_ROOT:?}" "$@"\n' >"$work/tools/ldconfig"
chmod +x "$work/tools/ldconfig"
for package in "$work/made"/*.deb; do
    dpkg-deb -e "$package" "$work/control"
    ! grep -hEv '^(#|set -e|if |fi$|[[:space:]]*ldconfig$|$)' "$work/control"/{pre,post}{inst,rm} \
        2>/dev/null || fail "$package has scripts that do more than ldconfig"
    rm -rf "$work/control"
done
inside() {
    local run=(dpkg "--root=$root" --force-not-root --force-script-chrootless "$@")
    ((EUID == 0)) || run=(unshare -r "${run[@]}")
    PATH=$work/tools:$PATH:/usr/sbin:/sbin "${run[@]}" >"$work/dpkg.log" 2>&1
}
state() { dpkg-query "--admindir=$root/var/lib/dpkg" -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null; }
files() {
    (cd "$root" && find . -path ./var/lib/dpkg -prune -o -path ./var/cache/ldconfig -prune -o \
        ! -type d ! -name ld.so.cache -print | sort)
}
files >"$work/before"

inside -i "$(deb libcxb-dev)" && fail "libcxb-dev went in without libcxb1"
inside --purge libcxb-dev || true
inside -i "$work/made"/*.deb || { cat "$work/dpkg.log" >&2; fail "the packages do not install"; }
for package in libcxb1 libcxb-dev cxb-server cxb-cli; do
    [[ $(state "$package") == "ii " ]] || fail "$package is '$(state "$package")'"
done
for file in usr/bin/cxb usr/bin/cxb-api usr/bin/cxb-core etc/cxb/cxb.yaml \
    usr/lib/systemd/system/cxb-api.service usr/lib/systemd/system/cxb-core.service \
    usr/include/cxb/version.hpp usr/lib/libcxb_contract.a usr/lib/pkgconfig/cxb-contract.pc \
    usr/share/cxb/schema/v1/call_results.json; do
    [[ -e $root/$file ]] || fail "no /$file"
done
/sbin/ldconfig -r "$root" -p 2>/dev/null | grep -q 'libcxb_contract\.so\.1\.0 ' ||
    ((EUID != 0)) || fail "the linker does not know libcxb_contract.so.1.0"
[[ -L $root/usr/lib/libcxb_contract.so ]] || fail "no libcxb_contract.so to link with"

# The programs run, with the settings that were installed.
"$root/usr/bin/cxb" --version >/dev/null || fail "cxb does not run"
(cd "$work" && "$root/usr/bin/cxb-api" --config "$root/etc/cxb/cxb.yaml" check-config) \
    >"$work/check.log" 2>&1 || { cat "$work/check.log" >&2; fail "the installed settings are faulty"; }
for unit in cxb-api cxb-core; do
    program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$root/usr/lib/systemd/system/$unit.service")
    [[ -x $root$program ]] || fail "$unit.service starts $program, which is not there"
    # Its settings are settings that the programs know.
    sed -n 's/^Environment=\([A-Z_]*\)=.*/\1/p' "$root/usr/lib/systemd/system/$unit.service" |
        while read -r name; do
            grep -q "variable .*\b$name\b" "$root/etc/cxb/cxb.yaml" || fail "$unit.service: no $name"
        done
done
# A program outside builds against the packages, with the shared objects.
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
"$cmake" -S "$source_dir/examples/consumer" -B "$work/consumer" -G Ninja -Dcxb_SHARED_LIBS=ON \
    -DCMAKE_PREFIX_PATH="$root/usr" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Debug \
    >"$work/consumer.log" 2>&1 && "$cmake" --build "$work/consumer" >>"$work/consumer.log" 2>&1 ||
    { cat "$work/consumer.log" >&2; fail "the consumer does not build"; }
"$work/consumer/consumer" >/dev/null || fail "the consumer does not run"
readelf -d "$work/consumer/consumer" | grep -q 'libcxb_contract\.so\.1\.0' ||
    fail "the consumer does not use the shared object"

# Removal leaves changed settings, purging leaves nothing.
echo "# changed by the administrator" >>"$root/etc/cxb/cxb.yaml"
inside -r libcxb1 && fail "libcxb1 went although libcxb-dev needs it"
inside -r cxb-server cxb-cli libcxb-dev libcxb1 ||
    { cat "$work/dpkg.log" >&2; fail "the packages do not go"; }
[[ $(state cxb-server) == "rc " && -e $root/etc/cxb/cxb.yaml ]] || fail "settings went at removal"
[[ ! -e $root/usr/bin/cxb-api ]] || fail "cxb-api stayed"
inside -P cxb-server || { cat "$work/dpkg.log" >&2; fail "cxb-server cannot be purged"; }
files | diff "$work/before" - || fail "these files stayed"
[[ ! -e $root/usr/include/cxb && ! -e $root/etc/cxb ]] || fail "empty folders stayed"
rm -rf "$work/made" "$root"
echo "four packages made, installed, used, removed and purged"
