"""The shipped scenarios, one TOML file each; `lembur.domain.scenario.model.load` reads them by name."""
