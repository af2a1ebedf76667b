if __name__ != "hardposterior.spec":  # 'spec' beside 'hardposterior.spec' would be two modules
    raise ImportError("import hardposterior.spec, not spec")
