// BuildGraph
