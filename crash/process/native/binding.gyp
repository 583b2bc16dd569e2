# The addon that ships, with a storage that ends the process at a named operation. Built by crash/process/killing-addon.ts;
# never part of the package. SEAWALL_NATIVE names another folder of sources (crash/mutants).
{
  'variables': {
    'native%': '<!(node -p "process.env.SEAWALL_NATIVE || \'../../../native\'")',
    'seawall_liburing%': '<!(node ../../../scripts/detect-liburing.mjs)',
  },
  'targets': [{
    'target_name': 'seawall_killing',
    'sources': [
      '<!@(node ../../../scripts/native-sources.mjs simulated <(native))',
      'kill_switch.cc',
      'killing_storage.cc',
      'killing_storage_factory.cc',
    ],
    'include_dirs': ['<(native)', '.', '<!(node -p "require(\'node-addon-api\').include_dir")'],
    'defines': ['NAPI_VERSION=9', 'NAPI_DISABLE_CPP_EXCEPTIONS', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
    'cflags_cc!': ['-std=gnu++17'],
    'cflags_cc': ['-std=c++20', '-O2', '-fno-exceptions', '-fno-rtti', '-fvisibility=hidden', '-Wall', '-Wextra', '-Werror'],
    'conditions': [
      ['seawall_liburing==1', {
        'defines': ['SEAWALL_HAVE_LIBURING=1'],
        'libraries': ['-l:liburing.a'],
      }],
    ],
  }],
}
