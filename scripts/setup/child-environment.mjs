/** What tools need to find themselves, their files, the network and the words of the user's language. */
const NAMES = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'PWD', 'TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR', 'CI'],
  ...['LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TMP', 'TEMP', 'DISPLAY'],
  ...['XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_DATA_DIRS', 'XDG_RUNTIME_DIR'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_ENV_PROXY', 'NODE_USE_SYSTEM_CA'],
  ...[
    'CC',
    'CXX',
    'CFLAGS',
    'CPPFLAGS',
    'CXXFLAGS',
    'LDFLAGS',
    'LD_LIBRARY_PATH',
    'PKG_CONFIG_PATH',
    'CMAKE_PREFIX_PATH',
  ],
  ...['DEBIAN_FRONTEND', 'SOURCE_DATE_EPOCH', 'GLIR_CACHE_DIR'],
  // Windows.
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH', 'APPDATA'],
  ...['LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)', 'NUMBER_OF_PROCESSORS'],
  'PROCESSOR_ARCHITECTURE',
]);
const LOCALE = /^LC_[A-Z]+$/;

/** npm's own settings, and what a `.npmrc` may name as its token. */
export const NPM_VARIABLES = /^(?:npm_config_.*|NPM_TOKEN|NODE_AUTH_TOKEN)$/i;

/**
 * The part of the environment that a tool gets. GLIR's secrets, and whatever else the environment holds, are none of its
 * business, and none of a package's that it may run.
 * @param {NodeJS.ProcessEnv} env
 * @param {RegExp} [also] names of further variables
 * @returns {NodeJS.ProcessEnv} a copy
 */
export function toolEnvironment(env, also) {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => NAMES.has(name.toUpperCase()) || LOCALE.test(name) || also?.test(name) === true,
    ),
  );
}
