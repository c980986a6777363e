#!/bin/sh
# Checks this folder without erpgate: sh verify.sh
# Needs sha256sum, openssl 1.1.1 or later, unzip, awk, sed, xargs. Writes only into a temporary folder. Status 0 = everything holds.
set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")" || exit 2
bad=0
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

wrong() {
	echo "WRONG  $*"
	bad=$((bad + 1))
}

# signed FILE SIGNATURE: by one of the keys in keys/?
signed() {
	for key in keys/*.pub.pem; do
		openssl pkeyutl -verify -rawin -pubin -inkey "$key" -in "$1" -sigfile "$2" >/dev/null 2>&1 && return 0
	done
	return 1
}

# ---- the files of this folder ----
sha256sum --strict --quiet -c SHA256SUMS >"$work/said" 2>&1 || {
	cat "$work/said"
	wrong "a file of this folder is not the one that was exported"
}
signed SHA256SUMS SHA256SUMS.sig || wrong "SHA256SUMS is signed by none of the keys in keys/"

# ---- the log: every entry, hashed to the root that was signed (RFC 6962) ----
size=$(sed -n 2p log/checkpoint)
entries=$(wc -l <log/entries.jsonl)
[ "$size" -eq "$entries" ] || wrong "log/entries.jsonl has $entries entries and the checkpoint says $size"
mkdir "$work/t"
i=1000000000
while IFS= read -r line; do
	printf '\000%s' "$line" >"$work/t/$i"
	i=$((i + 1))
done <log/entries.jsonl
(cd "$work/t" && find . -type f | sort | xargs sha256sum | cut -c1-64) >"$work/h"
while [ "$(wc -l <"$work/h")" -gt 1 ]; do
	rm -rf "$work/t"
	mkdir "$work/t"
	awk 'function octal(h,  s, i) {
			for (i = 1; i < length(h); i += 2)
				s = s sprintf("\\%03o", 16 * (index("0123456789abcdef", substr(h, i, 1)) - 1) + index("0123456789abcdef", substr(h, i + 1, 1)) - 1)
			return s
		}
		NR % 2 == 1 { left = $1 }
		NR % 2 == 0 { print "\\001" octal(left) octal($1) }' "$work/h" >"$work/pairs"
	i=1000000000
	while IFS= read -r pair; do
		printf "$pair" >"$work/t/$i"
		i=$((i + 1))
	done <"$work/pairs"
	(cd "$work/t" && find . -type f | sort | xargs sha256sum | cut -c1-64) >"$work/next"
	[ $(($(wc -l <"$work/h") % 2)) -eq 0 ] || tail -n 1 "$work/h" >>"$work/next"
	mv "$work/next" "$work/h"
done
root=$(printf "$(awk '{ for (i = 1; i < length($1); i += 2)
	printf "\\%03o", 16 * (index("0123456789abcdef", substr($1, i, 1)) - 1) + index("0123456789abcdef", substr($1, i + 1, 1)) - 1 }' "$work/h")" | openssl base64 -A)
[ "$root" = "$(sed -n 3p log/checkpoint)" ] || wrong "the entries of the log do not make the root that was signed: the log was rewritten"
sed -n 1,3p log/checkpoint >"$work/head"
good=no
for note in $(sed -n '5,$p' log/checkpoint | awk '{ print $3 }'); do
	printf %s "$note" | openssl base64 -d -A | tail -c 64 >"$work/sig"
	signed "$work/head" "$work/sig" && good=yes
done
[ $good = yes ] || wrong "the checkpoint of the log is signed by none of the keys in keys/"

# ---- the bundles: known to the log, signed, whole inside ----
sed -n 's/^{"index":[0-9]*,"time":"\([^"]*\)",.*"event":"archived","id":"\(A[0-9]*\)",.*"sha256":"\([0-9a-f]*\)".*/\2 \3 \1/p' log/entries.jsonl >"$work/archived"
sed -n 's/^{"index".*"event":"retention-deleted","id":"\(A[0-9]*\)",.*"tombstone":"\([0-9a-f]*\)".*/\1 \2/p' log/entries.jsonl >"$work/deleted"
bundles=0
stones=0
while read -r id path sha256; do
	bundles=$((bundles + 1))
	grep -q "^$id $sha256 " "$work/archived" || wrong "$id: the log does not know it with these bytes"
	folder=bundles/$(dirname "$path")
	name=$(basename "$path")
	if [ ! -e "bundles/$path" ]; then
		name=$id.tombstone.json
		stones=$((stones + 1))
		[ -e "$folder/$name" ] || { wrong "$id is missing, and no tombstone stands in its place"; continue; }
		grep -q "^$id $(sha256sum "$folder/$name" | cut -c1-64)\$" "$work/deleted" || wrong "$id: the log does not know its tombstone"
	fi
	# Its own name must be told: the digest file of another bundle, laid in this one's place, would be right about that other one.
	(cd "$folder" && sha256sum --strict -c "$name.sha256" 2>/dev/null | grep -qxF "$name: OK") || wrong "$id: its bytes are not those that were sealed"
	signed "$folder/$name.sha256" "$folder/$name.sha256.sig" || wrong "$id: its digest is signed by none of the keys in keys/"
	case $name in
	*.zip)
		rm -rf "$work/b"
		mkdir "$work/b"
		unzip -q "$folder/$name" -d "$work/b" || wrong "$id: unzip cannot open it"
		(cd "$work/b/$id" && sha256sum --strict --quiet -c manifest-sha256.txt tagmanifest-sha256.txt) >/dev/null 2>&1 || wrong "$id: a file in it is not what its manifest says"
		;;
	esac
done <bundles.txt

# ---- nothing left out: every bundle that the log has for these days is here ----
from=$(sed -n 's/^from //p' export.txt)
to=$(sed -n 's/^to //p' export.txt)
filter=$(sed -n 's/^filter //p' export.txt)
if [ "$filter" = none ]; then
	while read -r id sha256 time; do
		day=${time%%T*}
		awk -v d="$day" -v f="$from" -v t="$to" 'BEGIN { exit !(d >= f && d <= t) }' || continue
		grep -q "^$id " bundles.txt || wrong "$id was sealed on $day and is not in this export"
	done <"$work/archived"
	whole="all that the log has from $from to $to"
else
	whole="only those of $filter"
fi

[ $bad -eq 0 ] || { echo "$bad things are wrong. Do not use this folder as evidence."; exit 1; }
echo "Good: $bundles bundles ($stones of them deleted under retention, with their tombstones), $whole; log of $entries entries, signed."
echo "What this cannot know: whether the keys in keys/ are the site's. Compare them with those you were given before: openssl pkey -pubin -outform DER -in KEY | sha256sum"
