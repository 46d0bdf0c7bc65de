;; Unpacks PCL XL's delta rows: each row is the one before, changed by commands of 3 bits count and 5 bits offset.
;; Compiled, because a command can only be found from the end of the one before.
(module
  (memory (export "memory") 64)

  ;; Unpacks so many rows from $at to $stop; they come behind the row at $row, which is the one before the first.
  ;; 1 if all of them are whole and stay within their length, else 0.
  (func (export "unpack")
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
