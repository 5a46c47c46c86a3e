package config

import "fmt"

// Cloud is where one Azure cloud answers. Addresses have no trailing slash but
// for Authority and the portals.
type Cloud struct {
	Name string
	// Authority signs in.
	Authority string
	// LogAnalytics is the query API with its version.
	LogAnalytics, LogAnalyticsAudience string
	Graph, GraphScope                  string
	// ResourceManager manages Sentinel incidents.
	ResourceManager, ResourceManagerAudience string
	AzurePortal                              string
	// DefenderPortal is empty where there is none.
	DefenderPortal string
	EntraPortal    string
}

// Clouds are the Azure clouds: authorities and API addresses from
// https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud,
// https://learn.microsoft.com/graph/deployments and
// https://learn.microsoft.com/azure/azure-monitor/logs/api/access-api.
func Clouds() []Cloud {
	return []Cloud{
		{
			Name: "public", Authority: "https://login.microsoftonline.com/",
			LogAnalytics: "https://api.loganalytics.io/v1", LogAnalyticsAudience: "https://api.loganalytics.io",
			Graph: "https://graph.microsoft.com/v1.0", GraphScope: "https://graph.microsoft.com/.default",
			ResourceManager: "https://management.azure.com", ResourceManagerAudience: "https://management.core.windows.net/",
			AzurePortal: "https://portal.azure.com/", DefenderPortal: "https://security.microsoft.com/", EntraPortal: "https://entra.microsoft.com/",
		},
		{
			Name: "usgov", Authority: "https://login.microsoftonline.us/",
			LogAnalytics: "https://api.loganalytics.us/v1", LogAnalyticsAudience: "https://api.loganalytics.us",
			Graph: "https://graph.microsoft.us/v1.0", GraphScope: "https://graph.microsoft.us/.default",
			ResourceManager: "https://management.usgovcloudapi.net", ResourceManagerAudience: "https://management.core.usgovcloudapi.net/",
			AzurePortal: "https://portal.azure.us/", DefenderPortal: "https://security.microsoft.us/", EntraPortal: "https://entra.microsoft.us/",
		},
		{
			Name: "china", Authority: "https://login.chinacloudapi.cn/",
			LogAnalytics: "https://api.loganalytics.azure.cn/v1", LogAnalyticsAudience: "https://api.loganalytics.azure.cn",
			Graph: "https://microsoftgraph.chinacloudapi.cn/v1.0", GraphScope: "https://microsoftgraph.chinacloudapi.cn/.default",
			ResourceManager: "https://management.chinacloudapi.cn", ResourceManagerAudience: "https://management.core.chinacloudapi.cn/",
			AzurePortal: "https://portal.azure.cn/", EntraPortal: "https://entra.microsoftonline.cn/",
		},
	}
}

// CloudNamed is the cloud of a name. An unknown name is an error, never the
// public cloud.
func CloudNamed(name string) (Cloud, error) {
	var known []string
	for _, c := range Clouds() {
		if c.Name == name {
			return c, nil
		}
		known = append(known, c.Name)
	}
	return Cloud{}, fmt.Errorf("cloud %q is not known; write one of %s%s", name, listed(known), didYouMean(name, known))
}
