# The addon with a simulated disk in place of a real one, for tests that cut the power: with its threads
# (seawall_simulated), and step by step (seawall_stepped). Built by scripts/setup.mjs as `node-gyp -C simulation/addon`;
# never part of the package. SEAWALL_NATIVE names another folder of sources (crash/mutants).
{
  'variables': {
    'native%': '<!(node -p "process.env.SEAWALL_NATIVE || \'../../native\'")',
  },
  'target_defaults': {
    'include_dirs': ['<(native)', '..', '..', '.', '<!(node -p "require(\'node-addon-api\').include_dir")'],
    'defines': ['NAPI_VERSION=9', 'NAPI_DISABLE_CPP_EXCEPTIONS', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
    'cflags_cc!': ['-std=gnu++17'],
    'cflags_cc': ['-std=c++20', '-O2', '-fno-exceptions', '-fno-rtti', '-fvisibility=hidden', '-Wall', '-Wextra', '-Werror'],
  },
  'targets': [{
    'target_name': 'seawall_parts',
    'type': 'static_library',
    'sources': [
      '<!@(node ../../scripts/native-sources.mjs shared <(native))',
      '<!@(node -p "require(\'fs\').readdirSync(\'../device\').filter(n => n.endsWith(\'.cc\')).map(n => \'../device/\' + n).join(\' \')")',
    ],
  }, {
    'target_name': 'seawall_simulated',
    'dependencies': ['seawall_parts'],
    'sources': [
      '<(native)/io/wake_signal.cc',
      '<(native)/napi/addon.cc',
      '<(native)/napi/event_channel.cc',
      '<(native)/napi/job_thread.cc',
      '<(native)/napi/threaded_execution.cc',
      'simulated_storage_factory.cc',
      '<!@(node -p "require(\'fs\').readdirSync(\'../device\').filter((n) => n.endsWith(\'.cc\')).map((n) => \'../device/\' + n).join(\'\\n\')")',
    ],
  }, {
    'target_name': 'seawall_stepped',
    'dependencies': ['seawall_parts'],
    'sources': ['<(native)/napi/addon.cc', 'crashed_disks.cc', 'stepped_execution.cc', 'stepper.cc'],
  }],
}
