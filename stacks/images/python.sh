# Debian's minimal Python 3 with the standard library that belongs to it, and BusyBox for sh.
owned=()

fill() {
  base
  local version from
  version=$(apt-cache depends python3-minimal 2>/dev/null | sed -n 's/^ *\(Pre\)\{0,1\}Depends: \(python3\.[0-9]*\)-minimal$/\2/p' | head -n 1)
  [ -n "$version" ] || die "no python3-minimal is known to apt (run apt-get update, then try again)"
  from=$(package "$version-minimal")
  copy "$from" "/usr/bin/$version"
  ln -s "$version" "$root/usr/bin/python3"
  for from in "$(package "lib$version-minimal")" "$(package "lib$version-stdlib")"; do
    mkdir -p "$root/usr/lib"
    cp -a "${from%/}/usr/lib/$version" "$root/usr/lib/"
  done
  rm -rf "$root/usr/lib/$version"/{test,idlelib,tkinter,turtledemo,lib2to3,ensurepip,distutils,config-*,dist-packages} \
    "$root/usr/lib/$version/sitecustomize.py"
  find "$root/usr/lib/$version" -name __pycache__ -prune -exec rm -rf {} +
  # Links that lead out of the image are none of its files.
  find "$root/usr/lib" -xtype l -delete
  libraries libc6 zlib1g libexpat1 libbz2-1.0 liblzma5 libffi8 libssl3 libuuid1 libncursesw6 libtinfo6 \
    libreadline8 libsqlite3-0 libdb5.3 libnsl2 libtirpc3 libcrypt1 libgssapi-krb5-2 libkrb5-3 libk5crypto3 \
    libkrb5support0 libcom-err2 libkeyutils1
}

changes() {
  cat <<'END'
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV PYTHONUNBUFFERED=1
CMD ["python3"]
END
}
