#!/bin/sh
# The bill of materials of the image that it runs in, as SPDX 2.3 in JSON, to the standard output: the program, every
# package that dpkg knows, what the program links, and the headers that are compiled into it. Run by the Dockerfile.
#   sbom.sh PROGRAM COMPILED_IN [COMMIT]
# COMPILED_IN holds lines of dpkg-query, with tabs between: package, version, architecture, source package, maintainer.
# With SOURCE_DATE_EPOCH set, the same image gives the same text.
set -eu
program=$1 compiled_in=$2 commit=${3:-}
version=$("$program" --version | awk '{ print $2; exit }')
created=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Maintainer}\n' |
    awk -F '\t' -v OFS='\t' '$1 ~ /^ii/ { print "installed", $2, $3, $4, $5 }' >"$work/installed"
awk -F '\t' -v OFS='\t' '{ print "compiled", $1, $2, $3, $4 }' "$compiled_in" >"$work/compiled"

# dpkg may know a library below /lib or below /usr/lib; both are one folder.
ldd "$program" | awk '/=> \// { print $3 }' | while read -r library; do
    path=$(readlink -f "$library")
    dpkg-query -S "$library" "$path" "/usr$library" "${path#/usr}" 2>/dev/null | head -n 1
done | sed 's/:.*//' | sort -u | awk -v OFS='\t' '{ print "linked", $1 }' >"$work/linked"
[ -s "$work/linked" ] || { echo "sbom.sh: no library of $program belongs to a package" >&2; exit 1; }

sha1=$(sha1sum "$program" | cut -d ' ' -f 1)
sha256=$(sha256sum "$program" | cut -d ' ' -f 1)
# Another content, another name: SPDX wants the namespace of a document to be its own.
unique=$(cat "$work"/* | { cat; echo "$sha256 $created"; } | sha256sum | cut -c 1-32)

cat "$work/installed" "$work/compiled" "$work/linked" | LC_ALL=C awk -F '\t' \
    -v version="$version" -v commit="$commit" -v created="$created" -v unique="$unique" -v sha1="$sha1" \
    -v sha256="$sha256" '
function text(value) { gsub(/\\/, "\\\\", value); gsub(/"/, "\\\"", value); return "\"" value "\"" }
function id(kind, name) { gsub(/[^A-Za-z0-9.-]/, "-plus-", name); return "SPDXRef-" kind "-" name }
function purl(name, of, arch) {
    gsub(/\+/, "%2B", name); gsub(/%/, "%25", of); gsub(/\+/, "%2B", of); gsub(/:/, "%3A", of)
    return "pkg:deb/debian/" name "@" of "?arch=" arch "&distro=debian-12"
}
function package(ref, name, of, supplier, purpose, license, more) {
    packages = packages (packages == "" ? "" : ",\n") "  {\"SPDXID\": " text(ref) ", \"name\": " text(name) \
        ", \"versionInfo\": " text(of) ", \"supplier\": " text(supplier) ", \"downloadLocation\": \"NOASSERTION\"" \
        ", \"filesAnalyzed\": false, \"licenseConcluded\": \"NOASSERTION\", \"licenseDeclared\": " text(license) \
        ", \"copyrightText\": \"NOASSERTION\"" (purpose == "" ? "" : ", \"primaryPackagePurpose\": " text(purpose)) \
        more "}"
}
function relation(from, kind, to) {
    relations = relations (relations == "" ? "" : ",\n") "  {\"spdxElementId\": " text(from) \
        ", \"relationshipType\": " text(kind) ", \"relatedSpdxElement\": " text(to) "}"
}
BEGIN {
    image = "SPDXRef-Image"; application = "SPDXRef-sqs2pg"
    package(image, "sqs2pg-image", version, "NOASSERTION", "CONTAINER", "NOASSERTION", "")
    package(application, "sqs2pg", version, "NOASSERTION", "APPLICATION", "Apache-2.0", ", \"packageFileName\": " \
        "\"/usr/local/bin/sqs2pg\", \"checksums\": [{\"algorithm\": \"SHA1\", \"checksumValue\": " text(sha1) \
        "}, {\"algorithm\": \"SHA256\", \"checksumValue\": " text(sha256) "}]" \
        (commit == "" ? "" : ", \"sourceInfo\": " text("commit " commit)))
    relation("SPDXRef-DOCUMENT", "DESCRIBES", image)
    relation(image, "CONTAINS", application)
}
$1 == "linked" { relation(application, "DYNAMIC_LINK", id("deb", $2)); next }
{
    ref = id($1 == "compiled" ? "built-from" : "deb", $2)
    more = ", \"sourceInfo\": " text("Debian source package " $5) ", \"licenseComments\": " \
        text("/usr/share/doc/" $2 "/copyright of the Debian package") ", \"externalRefs\": [{\"referenceCategory\": " \
        "\"PACKAGE-MANAGER\", \"referenceType\": \"purl\", \"referenceLocator\": " text(purl($2, $3, $4)) "}]"
    package(ref, $2, $3, "Organization: Debian", $1 == "compiled" ? "LIBRARY" : "", "NOASSERTION", more)
    if ($1 == "compiled") relation(application, "STATIC_LINK", ref); else relation(image, "CONTAINS", ref)
}
END {
    print "{\"spdxVersion\": \"SPDX-2.3\", \"dataLicense\": \"CC0-1.0\", \"SPDXID\": \"SPDXRef-DOCUMENT\","
    print " \"name\": " text("sqs2pg-" version) ","
    print " \"documentNamespace\": " text("https://spdx.org/spdxdocs/sqs2pg-" version "-" unique) ","
    print " \"creationInfo\": {\"created\": " text(created) ", \"creators\": [\"Tool: sqs2pg-sbom\"]},"
    print " \"packages\": [\n" packages "\n ],"
    print " \"relationships\": [\n" relations "\n ]}"
}'
