# The build that ships. node-gyp insists on the name binding.gyp, so native/binding.gyp includes this file and the build is
# `node-gyp -C native`. Paths here are relative to this file; commands run in native/.
{
  'variables': {
    # 1 links liburing statically. Override with SEAWALL_LIBURING=0|1 in the environment.
    'seawall_liburing%': '<!(node ../scripts/detect-liburing.mjs)',
  },
  'targets': [{
    'target_name': 'seawall',
    'sources': ['<!@(node ../scripts/native-sources.mjs addon)'],
    'include_dirs': ['native', '<!(node -p "require(\'node-addon-api\').include_dir")'],
    'defines': ['NAPI_VERSION=9', 'NAPI_DISABLE_CPP_EXCEPTIONS', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
    'cflags_cc!': ['-std=gnu++17'],
    'cflags_cc': ['-std=c++20', '-O3', '-fno-exceptions', '-fno-rtti', '-fvisibility=hidden', '-fvisibility-inlines-hidden',
                  '-Wall', '-Wextra', '-Werror'],
    'conditions': [
      ['OS=="linux"', {
        'ldflags': ['-Wl,--exclude-libs,ALL', '-Wl,-Bsymbolic', '-Wl,-z,relro,-z,now'],
        'conditions': [
          ['seawall_liburing==1', {
            'defines': ['SEAWALL_HAVE_LIBURING=1'],
            'libraries': ['-l:liburing.a'],
          }],
        ],
      }],
    ],
  }],
}
