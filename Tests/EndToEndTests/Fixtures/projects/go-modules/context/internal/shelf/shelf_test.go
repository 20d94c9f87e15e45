package shelf

import "testing"

func TestFind(t *testing.T) {
	if Find("a") != "a@1" {
		t.Fail()
	}
}
