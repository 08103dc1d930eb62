package main

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// source is where a log lies. Its only error is fs.ErrNotExist: whatever else goes wrong says nothing about the log and
// ends the program.
type source interface {
	read(path string) ([]byte, error)
	// list answers the paths below tile/; nothing where they cannot be listed.
	list() ([]string, error)
}

func openSource(dir, url string) source {
	if dir != "" {
		return folder(dir)
	}
	return site{base: strings.TrimSuffix(url, "/") + "/ledger/", client: http.Client{Timeout: 30 * time.Second}}
}

type folder string

func (f folder) read(path string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(string(f), filepath.FromSlash(path)))
	if err != nil && !os.IsNotExist(err) {
		stop("%v", err)
	}
	return data, err
}

// list skips drafts that a running log renames into place.
func (f folder) list() ([]string, error) {
	var paths []string
	err := fs.WalkDir(os.DirFS(string(f)), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path != "checkpoint" && !strings.HasSuffix(path, ".new") {
			paths = append(paths, path)
		}
		return err
	})
	return paths, err
}

type site struct {
	base   string
	client http.Client
}

func (s site) read(path string) ([]byte, error) {
	response, err := s.client.Get(s.base + path)
	if err != nil {
		stop("%v", err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return nil, &fs.PathError{Op: "get", Path: s.base + path, Err: fs.ErrNotExist}
	}
	if response.StatusCode != http.StatusOK {
		stop("%s answers %s", s.base+path, response.Status)
	}
	return must(io.ReadAll(response.Body)), nil
}

func (s site) list() ([]string, error) { return nil, nil }

// path is the tile's C2SP path: tlog's own, without the height, and bundles under another name.
func path(tile tlog.Tile) string {
	rest := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	if after, found := strings.CutPrefix(rest, "data/"); found {
		rest = "entries/" + after
	}
	return "tile/" + rest
}

func parsePath(name string) (tlog.Tile, error) {
	rest, found := strings.CutPrefix(name, "tile/")
	if after, bundle := strings.CutPrefix(rest, "entries/"); bundle {
		rest = "data/" + after
	}
	tile, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", tileHeight, rest))
	if !found || err != nil || path(tile) != name {
		return tlog.Tile{}, fmt.Errorf("is no part of a log")
	}
	return tile, nil
}

// readTile falls back to the full tile, of which a partial one is the beginning: a log may delete partial tiles then.
func readTile(src source, tile tlog.Tile) ([]byte, error) {
	data, err := src.read(path(tile))
	if !os.IsNotExist(err) || tile.W == 1<<tileHeight {
		return data, err
	}
	full := tile
	full.W = 1 << tileHeight
	data, fullErr := src.read(path(full))
	if fullErr != nil {
		return nil, err
	}
	if tile.L >= 0 {
		return data[:min(len(data), tile.W*tlog.HashSize)], nil
	}
	entries, err := parseBundle(data)
	if err != nil || len(entries) < tile.W {
		return nil, fmt.Errorf("the full bundle is cut off: %v", err)
	}
	end := 0
	for _, entry := range entries[:tile.W] {
		end += 2 + len(entry)
	}
	return data[:end], nil
}
