# What is no C, as strings of C: the dashboard, and what Redis runs.

aistream=$ngx_addon_dir/ngx_http_aistream_module
aistream_embed=$ngx_addon_dir/util/embed
aistream_page=$NGX_OBJS/ngx_http_aistream_status_page.h
aistream_redis=$NGX_OBJS/ngx_http_aistream_redis_scripts.h

cat << END                                                    >> $NGX_MAKEFILE

$aistream_page:	$aistream/status/page/status.html \\
	$aistream/status/page/status.css $aistream/status/page/status.js \\
	$aistream_embed
	$aistream_embed $aistream/status/page/status.* > $aistream_page.new
	mv $aistream_page.new $aistream_page

$aistream_redis:	$aistream/session/redis/redis_load.lua \\
	$aistream/session/redis/redis_remove.lua \\
	$aistream/session/redis/redis_save.lua $aistream_embed
	$aistream_embed $aistream/session/redis/redis_*.lua \\
		> $aistream_redis.new
	mv $aistream_redis.new $aistream_redis

END
