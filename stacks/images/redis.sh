# Debian's Redis with its tools, the libraries that they need, and BusyBox for sh.
owned=(data)
owner=999

fill() {
  base
  copy "$(package redis-tools)" /usr/bin/redis-check-rdb /usr/bin/redis-cli /usr/bin/redis-benchmark
  # Redis looks at the name it is called by: one program, several names.
  ln -s redis-check-rdb "$root/usr/bin/redis-server"
  ln -s redis-check-rdb "$root/usr/bin/redis-check-aof"
  ln -s redis-check-rdb "$root/usr/bin/redis-sentinel"
  libraries libc6 libgcc-s1 libstdc++6 libatomic1 libjemalloc2 liblzf1 libssl3 libsystemd0 libcap2 libgcrypt20 \
    libgpg-error0 liblz4-1 liblzma5 libzstd1
  user redis 999 /data
  mkdir -p "$root/data"
}

changes() {
  cat <<'END'
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER redis:redis
WORKDIR /data
VOLUME /data
EXPOSE 6379/tcp
CMD ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--dir", "/data"]
END
}
