package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// photograph is the one of 18 megapixels in Debian's mate-backgrounds.
const photograph = "/usr/share/backgrounds/mate/abstract/Elephants_5640x3172.jpg"

// imaging measures the processor time of a 12-megapixel photograph's way
// through the API to its four renditions, against libvips's bare chain.
func (b *Bench) imaging(ctx context.Context) ([]Row, error) {
	big, err := os.ReadFile(photograph)
	if err != nil {
		return nil, fmt.Errorf("the photograph of Debian's package mate-backgrounds is needed: %w", err)
	}
	photo, err := b.Scale(big, 4618)
	if err != nil {
		return nil, err
	}
	p, s, err := b.served(ctx, 100, 0)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	const rounds = 10
	if _, err := publish(s.Base, p.Tokens[0], photo); err != nil { // the child has started then
		return nil, err
	}
	if _, err := b.RawChain(photo); err != nil {
		return nil, err
	}
	before, err := cpuTree(s.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	for range rounds {
		if _, err := publish(s.Base, p.Tokens[0], photo); err != nil {
			return nil, err
		}
	}
	after, err := cpuTree(s.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	own := ownCPU()
	for range rounds {
		if _, err := b.RawChain(photo); err != nil {
			return nil, err
		}
	}
	raw := ownCPU() - own
	return []Row{atMost("a 12-megapixel JPEG to four renditions through the API", "ms CPU", (after-before)*1000/rounds, raw.Seconds()*1000/rounds, 1.2)}, nil
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cpuTree is the processor time, in seconds, of a process and its living children.
func cpuTree(pid int) (float64, error) {
	sum, err := cpuOf(pid)
	if err != nil {
		return 0, err
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // ended meanwhile
		}
		f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(f) > 1 && f[1] == strconv.Itoa(pid) {
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				return 0, err
			}
			if c, err := cpuOf(child); err == nil {
				sum += c
			}
		}
	}
	return sum, nil
}

// publish uploads a picture and posts it, and gives the post's media ID.
func publish(base, token string, jpeg []byte) (string, error) {
	var upload, post struct{ Data struct{ ID string } }
	if err := post1(base+"/v1/uploads", token, "image/jpeg", jpeg, &upload); err != nil {
		return "", err
	}
	body, err := json.Marshal(map[string]any{"uploads": []string{upload.Data.ID}, "caption": "A photo for the bench #bench"})
	if err != nil {
		return "", err
	}
	err = post1(base+"/v1/media", token, "application/json", body, &post)
	return post.Data.ID, err
}

// signUp makes an account and gives its token.
func signUp(base, username string) (string, error) {
	body, err := json.Marshal(map[string]string{"username": username, "password": "correct horse battery", "full_name": "Bench"})
	if err != nil {
		return "", err
	}
	var answer struct {
		Data struct {
			Token string `json:"access_token"`
		}
	}
	err = post1(base+"/v1/users", "", "application/json", body, &answer)
	return answer.Data.Token, err
}

func post1(url, token, contentType string, body []byte, into any) error {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s: %s %s", url, resp.Status, b[:min(len(b), 300)])
	}
	return json.Unmarshal(b, into)
}

// bytesPerPost publishes a few hundred posts through the API and divides what
// the database file has grown by, once the site is stopped.
func (b *Bench) bytesPerPost(ctx context.Context) ([]Row, error) {
	dir := filepath.Join(b.Dir, "site-100-0")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	p, err := b.build(ctx, 100, 0)
	if err != nil {
		return nil, err
	}
	size := func() (float64, error) {
		i, err := os.Stat(filepath.Join(dir, "tintype.db"))
		if err != nil {
			return 0, err
		}
		return float64(i.Size()), nil
	}
	const posts = 500
	author := ""
	run := func(n int) error {
		s, err := b.serve(ctx, p.Dir)
		if err != nil {
			return err
		}
		defer s.stop()
		if author == "" {
			if author, err = signUp(s.Base, "bench_author"); err != nil {
				return err
			}
		}
		for i := range n {
			jpeg, err := smallJPEG(uint64(i))
			if err != nil {
				return err
			}
			// Nobody follows the author: an entry in a feed is the follower's, not the post's.
			if _, err := publish(s.Base, author, jpeg); err != nil {
				return err
			}
		}
		_, err = b.drain(ctx, s)
		return err
	}
	if err := run(20); err != nil { // tables that hold nothing yet take a page each
		return nil, err
	}
	before, err := size()
	if err != nil {
		return nil, err
	}
	if err := run(posts); err != nil {
		return nil, err
	}
	after, err := size()
	if err != nil {
		return nil, err
	}
	return []Row{below("database bytes per post, rows, indexes and jobs", "B", (after-before)/posts, 1000)}, nil
}
