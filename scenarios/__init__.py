"""The shipped scenarios, one TOML file each; `lembur.domain.scenario.load` reads them by name."""
