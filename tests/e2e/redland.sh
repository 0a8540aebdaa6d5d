#!/bin/sh
# A librdf program reads a project's virtual graph through the storage module.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v rdfproc > /dev/null || skip_all "redland-utils (rdfproc) is not installed"
[ -z "${STOA_SANITIZERS:-}" ] || skip_all "rdfproc is not built with the sanitizer that the module needs"
bank 20 2026-11-01
export REDLAND_MODULE_PATH="$BUILD/.libs" LD_LIBRARY_PATH="$BUILD/.libs"
rdf() { rdfproc -q -s stoa "$T/bank" "$@" 2>&1; }
"$STOA" materialize -C "$T/bank" -o "$T/all.nt" 2> /dev/null
n=$(wc -l < "$T/all.nt")
like "rdfproc counts the triples of the virtual graph ($n)" "$(rdf size)" "graph has $n triples"
like "and lists them" "$(rdf print | grep -c familyName)" '^20$'
is "a pattern with a subject" "$(rdf find https://bank.example/customer/3 - - | grep -c '^Matched triple')" "$(grep -c '^<https://bank.example/customer/3> ' "$T/all.nt")"
is "a pattern with a literal of a datatype" "$(rdf targets https://bank.example/customer/3 https://bank.example/ontology#marketingConsent | grep -c 'XMLSchema#boolean')" 1
like "contains answers yes" "$(rdfproc -s stoa "$T/bank" contains https://bank.example/customer/3 http://www.w3.org/1999/02/22-rdf-syntax-ns#type https://bank.example/ontology#Customer 2>&1)" "contains the triple"
like "and no" "$(rdfproc -s stoa "$T/bank" contains https://bank.example/customer/3 http://www.w3.org/1999/02/22-rdf-syntax-ns#type https://bank.example/ontology#Lease 2>&1)" "not contain"
like "the graph is read-only" "$(rdf add https://bank.example/customer/3 https://bank.example/ontology#memberOf https://bank.example/household/2)" 'read-only'
like "a folder without a project is told" "$(rdfproc -q -s stoa "$T/none" size 2>&1)" 'stoa: .*stoa.yaml'
done_testing
