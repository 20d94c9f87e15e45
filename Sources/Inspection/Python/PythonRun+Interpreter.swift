/// What an interpreter has without files.
extension PythonRun {
    /// Modules that are part of the interpreter and may have no file: built in by one distributor or another, or frozen.
    static let builtin: Set<String> = Set(
        """
        _abc _ast _asyncio _bisect _blake2 _codecs _collections _contextvars _csv _datetime _elementtree _functools _heapq _imp _io _json
        _locale _lsprof _md5 _opcode _operator _pickle _posixsubprocess _queue _random _sha1 _sha2 _sha256 _sha3 _sha512 _signal _socket
        _sre _stat _statistics _string _struct _suggestions _symtable _sysconfig _thread _tokenize _tracemalloc _typing _warnings _weakref
        _zoneinfo _interpreters _interpchannels _interpqueues array atexit binascii builtins cmath errno faulthandler fcntl gc grp itertools
        marshal math mmap nt posix pwd pyexpat resource select spwd sys syslog termios time unicodedata xxsubtype zlib zipimport
        _frozen_importlib _frozen_importlib_external __future__ __main__ abc codecs io _collections_abc _sitebuiltins genericpath ntpath
        posixpath os site stat runpy os.path importlib._bootstrap importlib._bootstrap_external importlib.machinery importlib.util importlib.abc
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// Those that no file stands in for: each interpreter has them, and looks there first (CPython, Modules/Setup.bootstrap.in).
    static let first: Set<String> = Set(
        """
        _abc _ast _codecs _collections _functools _imp _io _locale _operator _signal _sre _stat _string _symtable _thread _tracemalloc
        _warnings _weakref atexit builtins errno faulthandler gc itertools marshal posix pwd sys time _frozen_importlib
        _frozen_importlib_external zipimport
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
