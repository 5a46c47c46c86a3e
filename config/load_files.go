package config

// LoadFiles says where the files that Load would name stand, for what needs
// nothing else of a configuration: no secret has to be there. What is wrong
// with the other keys is left to Load.
func LoadFiles(file string, env func(string) string) (Files, error) {
	l := loader{file: file, env: env, places: map[string]string{}}
	c := Default()
	if err := l.readFile(&c); err != nil {
		return Files{}, err
	}
	l.readEnv(&c)
	c.underDir(l.dir())
	c.fillRest()
	check := checker{place: l.place}
	check.required("files.hunts", c.Files.Hunts, "a path, from the configuration file's folder")
	return c.Files, check.err()
}
