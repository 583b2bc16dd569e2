# The addon with a simulated disk in place of a real one, for tests that cut the power (test/support/simulated-disk.ts).
# Built by scripts/setup.mjs as `node-gyp -C test/native/addon`; never part of the package.
{
  'targets': [{
    'target_name': 'seawall_simulated',
    'sources': [
      '<!@(node ../../../scripts/native-sources.mjs simulated)',
      'simulated_storage_factory.cc',
      '../support/memory_disk.cc',
      '../support/memory_storage.cc',
    ],
    'include_dirs': ['../../../native', '..', '<!(node -p "require(\'node-addon-api\').include_dir")'],
    'defines': ['NAPI_VERSION=9', 'NAPI_DISABLE_CPP_EXCEPTIONS', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
    'cflags_cc!': ['-std=gnu++17'],
    'cflags_cc': ['-std=c++20', '-O1', '-fno-exceptions', '-fno-rtti', '-fvisibility=hidden', '-Wall', '-Wextra', '-Werror'],
  }],
}
