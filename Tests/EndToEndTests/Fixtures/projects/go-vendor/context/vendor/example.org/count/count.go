// Package count counts words.
package count

import "strings"

// Words gives the number of words in a text.
func Words(text string) int { return len(strings.Fields(text)) }
