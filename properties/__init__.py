if (
    __name__ != "hardposterior.properties"
):  # 'properties' beside 'hardposterior.properties' would be two modules
    raise ImportError("import hardposterior.properties, not properties")
