{ 'includes': ['../bindings.gyp'] }
