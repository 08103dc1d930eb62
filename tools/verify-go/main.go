// Command verify-go checks a Weir ledger with code that Weir's authors did not write: golang.org/x/mod/sumdb, which
// the Go toolchain uses for the Go checksum database.
//
// It recomputes the whole tree from the entries alone, so no tile is believed, and compares everything else with it.
package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

const usage = `usage: verify-go -vkey KEY [-dir FOLDER | -url BASE] [-receipt FILE -entry FILE]

  exit 0: everything passed; 1: something failed; 2: nothing can be said (usage, or the log cannot be read)
`

type report struct{ failed bool }

func (r *report) pass(format string, args ...any) { fmt.Printf("PASS "+format+"\n", args...) }

func (r *report) fail(format string, args ...any) {
	r.failed = true
	fmt.Printf("FAIL "+format+"\n", args...)
}

func main() {
	dir := flag.String("dir", "", "folder with checkpoint and tile")
	url := flag.String("url", "", "base URL; the log lies below /ledger/")
	vkey := flag.String("vkey", "", "the log's verifier key, got by another way than the log")
	receipt := flag.String("receipt", "", "file with a tlog-proof")
	entry := flag.String("entry", "", "file with the exact bytes of the entry that the receipt is for")
	flag.Usage = func() { fmt.Fprint(os.Stderr, usage); flag.PrintDefaults() }
	flag.Parse()
	log := *dir != "" || *url != ""
	if *vkey == "" || (*dir != "" && *url != "") || (*receipt == "") != (*entry == "") || (!log && *receipt == "") || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	verifier, err := note.NewVerifier(*vkey)
	if err != nil {
		stop("the verifier key: %v", err)
	}
	var r report
	var tree *audited
	if log {
		tree = auditLog(&r, openSource(*dir, *url), verifier)
	}
	if *receipt != "" {
		checkReceipt(&r, verifier, tree, must(os.ReadFile(*receipt)), must(os.ReadFile(*entry)))
	}
	if r.failed {
		os.Exit(1)
	}
}

// openCheckpoint answers what the key signed. Stricter than note.Open: one signature has one spelling.
func openCheckpoint(msg []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	for _, sig := range append(opened.Sigs, opened.UnverifiedSigs...) {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return tlog.Tree{}, fmt.Errorf("signature line: %w", err)
		}
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("the text is no checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("%q is no tree size", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// audited is a log whose entries hash to its signed root.
type audited struct {
	size    int64
	hashes  storage
	entries [][]byte
}

// storage holds the hashes that tlog computed from the entries, at tlog's own indices.
type storage []tlog.Hash

func (s storage) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for at, index := range indexes {
		if index < 0 || index >= int64(len(s)) {
			return nil, fmt.Errorf("the log has no hash %d", index)
		}
		hashes[at] = s[index]
	}
	return hashes, nil
}

func auditLog(r *report, src source, verifier note.Verifier) *audited {
	msg, err := src.read("checkpoint")
	var signed tlog.Tree
	if err == nil {
		signed, err = openCheckpoint(msg, verifier)
	}
	if err != nil {
		r.fail("checkpoint: %v", err)
		return nil
	}
	r.pass("checkpoint: %d entries, root %v, signed by %s", signed.N, signed.Hash, verifier.Name())
	tree := &audited{size: signed.N}
	for _, tile := range tlog.NewTiles(tileHeight, 0, signed.N) {
		if tile.L == 0 {
			tile.L = -1
			if err := tree.addBundle(src, tile); err != nil {
				r.fail("%s: %v", path(tile), err)
				return nil
			}
		}
	}
	root, err := tlog.TreeHash(signed.N, tree.hashes)
	if err != nil || root != signed.Hash {
		r.fail("root: the entries hash to %v, the checkpoint says %v (%v)", root, signed.Hash, err)
		return nil
	}
	r.pass("entries: %d hash to the signed root", signed.N)
	tree.checkTiles(r, src)
	return tree
}

func (t *audited) addBundle(src source, tile tlog.Tile) error {
	bundle, err := readTile(src, tile)
	if err != nil {
		return err
	}
	entries, err := parseBundle(bundle)
	if err != nil || len(entries) < tile.W {
		return fmt.Errorf("%d entries, wanted %d: %v", len(entries), tile.W, err)
	}
	for _, entry := range entries[:tile.W] {
		hashes, err := tlog.StoredHashes(int64(len(t.entries)), entry, t.hashes)
		if err != nil {
			return err
		}
		t.hashes = append(t.hashes, hashes...)
		t.entries = append(t.entries, entry)
	}
	return nil
}

// parseBundle reads entries, each after its length in two bytes, big-endian.
func parseBundle(bundle []byte) ([][]byte, error) {
	var entries [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 {
			return entries, errors.New("half a length at the end")
		}
		end := 2 + int(bundle[0])<<8 + int(bundle[1])
		if len(bundle) < end {
			return entries, errors.New("an entry is cut off")
		}
		entries = append(entries, bundle[2:end])
		bundle = bundle[end:]
	}
	return entries, nil
}

// want is what a tile of the log must be, byte by byte.
func (t *audited) want(tile tlog.Tile) ([]byte, error) {
	from, to := tile.N<<tileHeight, tile.N<<tileHeight+int64(tile.W)
	if tile.N > t.size || to > t.size>>(tileHeight*max(tile.L, 0)) {
		return nil, errors.New("the log of this checkpoint has no such tile")
	}
	if tile.L >= 0 {
		return tlog.ReadTileData(tile, t.hashes)
	}
	var bundle []byte
	for _, entry := range t.entries[from:to] {
		bundle = append(append(bundle, byte(len(entry)>>8), byte(len(entry))), entry...)
	}
	return bundle, nil
}

// checkTiles compares every tile that the tree size demands and, in a folder, whatever else lies there.
func (t *audited) checkTiles(r *report, src source) {
	paths := map[string]bool{}
	for _, tile := range tlog.NewTiles(tileHeight, 0, t.size) {
		paths[path(tile)] = true
		if tile.L == 0 {
			tile.L = -1
			paths[path(tile)] = true
		}
	}
	demanded := len(paths)
	for _, extra := range must(src.list()) {
		paths[extra] = true
	}
	differing := 0
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if err := t.checkTile(src, name); err != nil {
			differing++
			r.fail("%s: %v", name, err)
		}
	}
	if differing == 0 {
		r.pass("tiles: %d that the checkpoint demands and %d more are what the entries make them", demanded, len(paths)-demanded)
	}
}

func (t *audited) checkTile(src source, name string) error {
	tile, err := parsePath(name)
	if err != nil {
		return err
	}
	want, err := t.want(tile)
	if err != nil {
		return err
	}
	have, err := readTile(src, tile)
	if err == nil && !bytes.Equal(have, want) {
		err = errors.New("differs from what the entries make it")
	}
	return err
}

func checkReceipt(r *report, verifier note.Verifier, tree *audited, receipt, entry []byte) {
	index, proof, checkpoint, err := parseReceipt(receipt)
	if err != nil {
		r.fail("receipt: %v", err)
		return
	}
	signed, err := openCheckpoint(checkpoint, verifier)
	if err == nil && (index < 0 || index >= signed.N) {
		err = fmt.Errorf("a tree of %d entries has no entry %d", signed.N, index)
	}
	if err == nil {
		err = tlog.CheckRecord(proof, signed.N, signed.Hash, index, tlog.RecordHash(entry))
	}
	if err != nil {
		r.fail("receipt: %v", err)
		return
	}
	r.pass("receipt: the entry is number %d of the signed tree of %d", index, signed.N)
	if tree == nil {
		return
	}
	if signed.N > tree.size {
		r.fail("receipt: this copy of the log ends at %d, before the receipt's tree of %d", tree.size, signed.N)
	} else if root, err := tlog.TreeHash(signed.N, tree.hashes); err != nil || root != signed.Hash {
		r.fail("receipt: its tree is no beginning of this log: the log was forked or rewritten (%v)", err)
	} else {
		r.pass("receipt: its tree is the beginning of this log")
	}
}

// parseReceipt reads c2sp.org/tlog-proof@v1.
func parseReceipt(receipt []byte) (index int64, proof tlog.RecordProof, checkpoint []byte, err error) {
	head, checkpoint, found := bytes.Cut(receipt, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, nil, nil, errors.New("this is no tlog-proof")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return 0, nil, nil, errors.New("the index is missing")
	}
	text := strings.TrimPrefix(lines[0], "index ")
	index, err = strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(index, 10) != text {
		return 0, nil, nil, fmt.Errorf("%q is no index", text)
	}
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil || hash.String() != line {
			return 0, nil, nil, fmt.Errorf("%q is no hash", line)
		}
		proof = append(proof, hash)
	}
	return index, proof, checkpoint, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		stop("%v", err)
	}
	return value
}

func stop(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "cannot say: "+format+"\n", args...)
	os.Exit(2)
}
