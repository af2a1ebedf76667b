if __name__ != "hardposterior.impl":  # 'impl' beside 'hardposterior.impl' would be two modules
    raise ImportError("import hardposterior.impl, not impl")
