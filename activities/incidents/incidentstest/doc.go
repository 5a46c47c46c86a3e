// Package incidentstest is a fake of the part of Azure Resource Manager that
// keeps Microsoft Sentinel incidents and their comments. It checks bearer
// token, API version, ids and etags as the service does, and fails on demand.
package incidentstest
