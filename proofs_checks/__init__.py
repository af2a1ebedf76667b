if (
    __name__ != "hardposterior.proofs_checks"
):  # 'proofs_checks' beside 'hardposterior.proofs_checks' would be two modules
    raise ImportError("import hardposterior.proofs_checks, not proofs_checks")
