// Package entra is a fake of the token endpoint of Microsoft Entra ID: enough
// for azidentity's client secret credential with this server as its authority
// host, and for the other fakes to know the tokens it issued.
package entra
