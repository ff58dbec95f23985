package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const pageSize = 500

// reader makes the calls of the operator's reader.
type reader struct {
	endpoint, project, token string
	client                   http.Client
}

type poolRow struct {
	Metadata struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Status struct {
		Phase string `json:"phase"`
	} `json:"status"`
}

type workloadRow struct {
	Type            string            `json:"type"`
	Name            string            `json:"name"`
	JobName         string            `json:"jobName"`
	UID             string            `json:"uid"`
	JobUUID         string            `json:"jobUUID"`
	Flavor          string            `json:"flavor"`
	Status          string            `json:"status"`
	Resources       map[string]string `json:"resourceRequirement"`
	Priority        string            `json:"priority"`
	RunningDuration int64             `json:"runningDuration"`
	PendingDuration int64             `json:"pendingDuration"`
	PendingPosition int               `json:"pendingPosition"`
	CreateTime      int64             `json:"createTime"`
	GVK             string            `json:"gvk"`
	HostIPs         string            `json:"hostIps"`
}

func (r *reader) pools(ctx context.Context) ([]poolRow, error) {
	var answer struct {
		Items []poolRow `json:"items"`
	}
	_, err := r.get(ctx, "/pools", nil, &answer)
	return answer.Items, err
}

// statistics counts the jobs of a pool by status.
func (r *reader) statistics(ctx context.Context, pool string) (map[string]int, error) {
	var answer struct {
		Statistics struct {
			Items []struct {
				Status map[string]int `json:"status"`
			} `json:"items"`
		} `json:"statistics"`
	}
	if _, err := r.get(ctx, "/statistics/pools/"+pool+"/workloads", nil, &answer); err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, item := range answer.Statistics.Items {
		for status, count := range item.Status {
			counts[status] += count
		}
	}
	return counts, nil
}

// workloads reads every page of the jobs with one status, and when that was.
func (r *reader) workloads(ctx context.Context, pool, status string) ([]workloadRow, time.Time, error) {
	var rows []workloadRow
	var readAt time.Time
	for {
		var page struct {
			Items []workloadRow `json:"items"`
		}
		query := url.Values{
			"status": {status},
			"offset": {strconv.Itoa(len(rows))},
			"limit":  {strconv.Itoa(pageSize)},
		}
		var err error
		if readAt, err = r.get(ctx, "/pools/"+pool+"/workloads", query, &page); err != nil {
			return nil, readAt, err
		}
		rows = append(rows, page.Items...)
		if len(page.Items) < pageSize {
			return rows, readAt, nil
		}
	}
}

func (r *reader) get(ctx context.Context, path string, query url.Values, into any) (time.Time, error) {
	target := r.endpoint + "/v2/" + r.project + path + "?" + query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return time.Time{}, err
	}
	request.Header.Set("X-Auth-Token", r.token)
	response, err := r.client.Do(request)
	if err != nil {
		return time.Time{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return time.Time{}, fmt.Errorf("GET %s: HTTP %d", path, response.StatusCode)
	}
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return date, err
	}
	return date, json.NewDecoder(response.Body).Decode(into)
}
