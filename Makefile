# Two commands do everything: `make verify` and `make test`. Each sets up .venv when it is missing.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: verify test lint typing bench figures thorough mutants cosmic flakes clean

# torch first and by itself: its version decides which other packages are pulled in.
.venv/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet torch -c constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[test,bench,dask]'
	touch .venv/ready

verify: .venv/ready
	$(BIN)/hardposterior verify --profile dev --jobs $(JOBS) \
		--json build/ledger.json --html build/report.html

test: .venv/ready
	$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

thorough: .venv/ready
	HARDPOSTERIOR_PROFILE=thorough $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal
	$(BIN)/hardposterior verify --profile thorough --jobs $(JOBS) \
		--json build/ledger-thorough.json --html build/report-thorough.html

# Planted faults, one at a time: which check catches each? Resumes; exit 1 if one survives.
mutants: .venv/ready
	PYTHONPATH=tests $(BIN)/python -m mutants.run --jobs $(JOBS)

# A general mutation tool over three modules: which of its mutants do the tests let live? Resumes.
cosmic: .venv/ready
	$(BIN)/python -c 'import cosmic_ray' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[mutation]'
	PYTHONPATH=tests $(BIN)/python -m cosmic.run --jobs $(JOBS)

# The statistical evidence under 200 fresh seeds: are its p-values super-uniform? Then 1,000 audits
# of an exact sampler: is it blamed no more often than alpha allows? Both resume.
flakes: .venv/ready
	PYTHONPATH=tests $(BIN)/python -m flakes --jobs $(JOBS)
	PYTHONPATH=tests $(BIN)/python -m flakes_audit

# Ratios and growth against the kept run; `make bench KEEP=1` keeps this one (benchmarks/README.md).
bench: .venv/ready
	$(BIN)/python benchmarks/run.py $(if $(KEEP),--keep)

# The gallery, into build/figures; `make figures KEEP=1` writes docs/gallery.md.
figures: .venv/ready
	$(BIN)/python benchmarks/figures.py $(if $(KEEP),--keep)

# mypy sees the five folders as one package through links.
typing:
	rm -rf .typing && mkdir -p .typing/hardposterior
	ln -s ../../suite/*.py ../../suite/py.typed .typing/hardposterior/
	for room in spec impl properties proofs_checks; do \
		ln -s ../../$$room .typing/hardposterior/$$room; done

lint: .venv/ready typing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=.typing $(BIN)/mypy --namespace-packages --explicit-package-bases -p hardposterior

clean:
	rm -rf .venv .typing .hardposterior build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
