;; Unpacks the rows of PCL XL's bitmaps. Compiled, because a run or a command can only be found from the end of the
;; one before.
(module
  (memory (export "memory") 64)

  ;; RLE: an octet below 128 and so many more as they are; 128 for nothing; one above for a run. Unpacks from $at to
  ;; $stop, as far as runs are whole, until $limit is reached or exceeded by less than a run. Returns where it stopped
  ;; to read and to write.
  (func (export "unpack_runs") (param $at i32) (param $stop i32) (param $to i32) (param $limit i32) (result i32 i32)
    (local $code i32) (local $count i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $to) (local.get $limit)))
        (br_if $done (i32.ge_u (local.get $at) (local.get $stop)))
        (local.set $code (i32.load8_u (local.get $at)))
        (if (i32.lt_u (local.get $code) (i32.const 128))
          (then
            (local.set $count (i32.add (local.get $code) (i32.const 1)))
            (br_if $done
              (i32.gt_u (i32.add (i32.add (local.get $at) (i32.const 1)) (local.get $count)) (local.get $stop)))
            (memory.copy (local.get $to) (i32.add (local.get $at) (i32.const 1)) (local.get $count))
            (local.set $at (i32.add (i32.add (local.get $at) (i32.const 1)) (local.get $count)))
            (local.set $to (i32.add (local.get $to) (local.get $count)))
            (br $next)))
        (if (i32.eq (local.get $code) (i32.const 128))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $next)))
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 2)) (local.get $stop)))
        (local.set $count (i32.sub (i32.const 257) (local.get $code)))
        (memory.fill (local.get $to) (i32.load8_u (i32.add (local.get $at) (i32.const 1))) (local.get $count))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))
        (local.set $to (i32.add (local.get $to) (local.get $count)))
        (br $next)))
    (local.get $at)
    (local.get $to))

  ;; Delta rows: each is the one before, changed by commands of 3 bits count and 5 bits offset. Unpacks so many rows from $at to $stop; they come behind the row at $row, which is the one before the first.
  ;; 1 if all of them are whole and stay within their length, else 0.
  (func (export "unpack_delta_rows")
    (param $at i32) (param $stop i32) (param $row i32) (param $octets i32) (param $rows i32) (result i32)
    (local $end i32) (local $to i32) (local $limit i32) (local $command i32) (local $count i32) (local $more i32)
    (block $short
      (block $done
        (loop $next
          (br_if $done (i32.eqz (local.get $rows)))
          (br_if $short (i32.gt_u (i32.add (local.get $at) (i32.const 2)) (local.get $stop)))
          (local.set $end (i32.add (i32.add (local.get $at) (i32.const 2)) (i32.load16_u (local.get $at))))
          (br_if $short (i32.gt_u (local.get $end) (local.get $stop)))
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (local.set $to (i32.add (local.get $row) (local.get $octets)))
          (memory.copy (local.get $to) (local.get $row) (local.get $octets))
          (local.set $row (local.get $to))
          (local.set $limit (i32.add (local.get $to) (local.get $octets)))
          (block $row_done
            (loop $commands
              (br_if $row_done (i32.ge_u (local.get $at) (local.get $end)))
              (local.set $command (i32.load8_u (local.get $at)))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (local.set $count (i32.add (i32.shr_u (local.get $command) (i32.const 5)) (i32.const 1)))
              (local.set $command (i32.and (local.get $command) (i32.const 31)))
              (local.set $to (i32.add (local.get $to) (local.get $command)))
              (if (i32.eq (local.get $command) (i32.const 31))
                (then
                  (block $offset_done
                    (loop $offset
                      (br_if $offset_done (i32.ge_u (local.get $at) (local.get $end)))
                      (local.set $more (i32.load8_u (local.get $at)))
                      (local.set $at (i32.add (local.get $at) (i32.const 1)))
                      (local.set $to (i32.add (local.get $to) (local.get $more)))
                      (br_if $offset (i32.eq (local.get $more) (i32.const 255)))))))
              (if (i32.gt_u (local.get $count) (i32.sub (local.get $end) (local.get $at)))
                (then (local.set $count (i32.sub (local.get $end) (local.get $at)))))
              (br_if $short (i32.gt_u (i32.add (local.get $to) (local.get $count)) (local.get $limit)))
              (block $copied
                (loop $copy
                  (br_if $copied (i32.eqz (local.get $count)))
                  (i32.store8 (local.get $to) (i32.load8_u (local.get $at)))
                  (local.set $to (i32.add (local.get $to) (i32.const 1)))
                  (local.set $at (i32.add (local.get $at) (i32.const 1)))
                  (local.set $count (i32.sub (local.get $count) (i32.const 1)))
                  (br $copy)))
              (br $commands)))
          (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
          (br $next)))
      (return (i32.const 1)))
    (i32.const 0)))
