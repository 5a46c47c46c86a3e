// Package incidents opens Microsoft Sentinel incidents for escalated cases. An
// incident's id is made from its case, so that a repeat finds the same one and
// never overwrites what an analyst has done to it since.
package incidents
