//! Writes the JSON text of a dialect from the graph, in const.
