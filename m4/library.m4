dnl library.m4: third-party libraries, through pkg-config where it knows them.

dnl EFFNET_LIBRARY(NAME, module, Debian package, fallback flags,
dnl                prologue, body)
dnl Sets NAME_CFLAGS and NAME_LIBS (kept where the user set them), have_name
dnl to yes or no, package_NAME, and pc_NAME: the module or nothing.
AC_DEFUN([EFFNET_LIBRARY], [
AC_ARG_VAR([$1_CFLAGS], [compiler flags for $2])
AC_ARG_VAR([$1_LIBS], [linker flags for $2])
AC_MSG_CHECKING([for $2])
package_$1="$3"
pc_$1=
if test "${$1_LIBS+set}" != set; then
        if test -n "$PKG_CONFIG" && $PKG_CONFIG --exists $2 2>/dev/null; then
                $1_CFLAGS=`$PKG_CONFIG --cflags $2`
                $1_LIBS=`$PKG_CONFIG --libs $2`
                pc_$1=$2
        else
                $1_LIBS="$4"
        fi
fi
save_CFLAGS=$CFLAGS
save_LIBS=$LIBS
CFLAGS="$CFLAGS $$1_CFLAGS"
LIBS="$$1_LIBS $LIBS"
AC_LINK_IFELSE([AC_LANG_PROGRAM([$5], [$6])],
        [AS_TR_SH([have_]m4_tolower([$1]))=yes],
        [AS_TR_SH([have_]m4_tolower([$1]))=no])
CFLAGS=$save_CFLAGS
LIBS=$save_LIBS
AC_MSG_RESULT([$AS_TR_SH([have_]m4_tolower([$1]))])
])

dnl EFFNET_REQUIRE(NAME): stops without it, else links it.
AC_DEFUN([EFFNET_REQUIRE], [
if test "$AS_TR_SH([have_]m4_tolower([$1]))" != yes; then
        AC_MSG_ERROR([m4_tolower([$1]) is missing: install Debian's $package_$1, or set $1_CFLAGS and $1_LIBS])
fi
EFFNET_USE([$1])
])

dnl EFFNET_OPTIONAL(NAME, option, purpose, module, package, fallback,
dnl                 prologue, body): on unless --without-option.
AC_DEFUN([EFFNET_OPTIONAL], [
AC_ARG_WITH([$2], [AS_HELP_STRING([--without-$2], [do not $3])],
        [], [with_$2=yes])
AS_TR_SH([have_]$2)=no
if test "$with_$2" != no; then
        EFFNET_LIBRARY([$1], [$4], [$5], [$6], [$7], [$8])
        if test "$AS_TR_SH([have_]$2)" != yes; then
                AC_MSG_ERROR([$4 is missing: install Debian's $5, set $1_CFLAGS and $1_LIBS, or configure --without-$2])
        fi
        EFFNET_USE([$1])
        AC_DEFINE([HAVE_$1], [1], [Define to $3.])
fi
AC_SUBST(AS_TR_SH([have_]$2))
])

dnl EFFNET_USE(NAME): compiles and links the library with it.
AC_DEFUN([EFFNET_USE], [
LIB_CFLAGS="$LIB_CFLAGS $$1_CFLAGS"
LIB_LIBS="$$1_LIBS $LIB_LIBS"
if test -n "$pc_$1"; then
        pc_requires="$pc_requires $pc_$1"
else
        pc_libs="$$1_LIBS $pc_libs"
fi
AC_SUBST([LIB_CFLAGS])
AC_SUBST([LIB_LIBS])
])
