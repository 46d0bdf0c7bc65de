;; Walks over the rows of a picture in PCL 5 and says whether they show anything, and whether in colour: 24 bits a
;; pixel. Rows that cannot tell more are only passed over. WebAssembly, because a row, and a run within it, can only
;; be found from the end of the one before; it can touch nothing but its own memory. pcl_row_walk.py says what stands
;; where. The packings are those of pcl_rows.py.
(module
  (memory (export "memory") 16)

  ;; What pcl_row_walk.py writes at 0 before it calls, and reads afterwards: its _STATE, in the same order.
  (global $LOOKS i32 (i32.const 0))
  (global $PACKING i32 (i32.const 4))
  (global $MASK i32 (i32.const 8))
  (global $WHITE i32 (i32.const 12))
  (global $GREY i32 (i32.const 16))
  (global $CROP i32 (i32.const 20))
  (global $LENGTH i32 (i32.const 24))
  (global $VISIBLE i32 (i32.const 28))
  (global $COLOURED i32 (i32.const 32))
  (global $PUT i32 (i32.const 36))
  (global $SHORT i32 (i32.const 40))
  (global $ROWS i32 (i32.const 48))  ;; of 64 bits

  (global $ROW i32 (i32.const 65536))
  (global $MOST i32 (i32.const 131072))  ;; octets of a row; behind it is room for stores of eight

  ;; The same while a call lasts; memory is slower.
  (global $looks (mut i32) (i32.const 0))
  (global $packing (mut i32) (i32.const 0))
  (global $mask (mut i32) (i32.const 0))
  (global $white (mut i32) (i32.const 0))
  (global $grey (mut i32) (i32.const 0))
  (global $crop (mut i32) (i32.const 0))
  (global $length (mut i32) (i32.const 0))
  (global $visible (mut i32) (i32.const 0))
  (global $coloured (mut i32) (i32.const 0))
  (global $column (mut i32) (i32.const 0))
  (global $from (mut i32) (i32.const 0))  ;; octets of the row that were changed and not looked at yet
  (global $to (mut i32) (i32.const 0))

  (func $begin
    (global.set $looks (i32.load (global.get $LOOKS)))
    (global.set $packing (i32.load (global.get $PACKING)))
    (global.set $mask (i32.load (global.get $MASK)))
    (global.set $white (i32.load (global.get $WHITE)))
    (global.set $grey (i32.load (global.get $GREY)))
    (global.set $crop (i32.load (global.get $CROP)))
    (global.set $length (i32.load (global.get $LENGTH)))
    (global.set $visible (i32.load (global.get $VISIBLE)))
    (global.set $coloured (i32.load (global.get $COLOURED))))

  (func $end
    (i32.store (global.get $LOOKS) (global.get $looks))
    (i32.store (global.get $PACKING) (global.get $packing))
    (i32.store (global.get $LENGTH) (global.get $length))
    (i32.store (global.get $VISIBLE) (global.get $visible))
    (i32.store (global.get $COLOURED) (global.get $coloured)))

  (func $least (param $one i32) (param $other i32) (result i32)
    (select (local.get $one) (local.get $other) (i32.lt_u (local.get $one) (local.get $other))))

  (func $most (param $one i32) (param $other i32) (result i32)
    (select (local.get $one) (local.get $other) (i32.gt_u (local.get $one) (local.get $other))))

  ;; The first octet of the pixel that this one is of.
  (func $pixel_of (param $octet i32) (result i32)
    (i32.mul (i32.div_u (local.get $octet) (i32.const 3)) (i32.const 3)))

  ;; Looks at all whole pixels of which an octet is in between.
  (func $look (param $from i32) (param $to i32)
    (local $at i32) (local $end i32) (local $ink i32) (local $darkest i32) (local $apart i32)
    (local $red i32) (local $green i32) (local $blue i32) (local $high i32)
    (local.set $at (i32.add (global.get $ROW) (call $pixel_of (local.get $from))))
    (local.set $end
      (i32.add (global.get $ROW)
        (call $least
          (call $pixel_of (i32.add (local.get $to) (i32.const 2)))
          (call $pixel_of (call $least (global.get $length) (global.get $crop))))))
    (block $done
      (loop $pixel
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $ink (i32.xor (i32.load (local.get $at)) (global.get $mask)))
        (local.set $at (i32.add (local.get $at) (i32.const 3)))
        (local.set $red (i32.and (local.get $ink) (i32.const 255)))
        (local.set $high (local.get $red))
        (if (i32.and
              (i32.xor (local.get $ink) (i32.shr_u (local.get $ink) (i32.const 8))) (i32.const 65535))
          (then
            (local.set $green (i32.and (i32.shr_u (local.get $ink) (i32.const 8)) (i32.const 255)))
            (local.set $blue (i32.and (i32.shr_u (local.get $ink) (i32.const 16)) (i32.const 255)))
            (local.set $high (call $most (call $most (local.get $red) (local.get $green)) (local.get $blue)))
            (local.set $apart
              (call $most (local.get $apart)
                (i32.sub (local.get $high)
                  (call $least (call $least (local.get $red) (local.get $green)) (local.get $blue)))))))
        (local.set $darkest (call $most (local.get $darkest) (local.get $high)))
        (br $pixel)))
    (if (i32.gt_u (local.get $darkest) (global.get $white)) (then (global.set $visible (i32.const 1))))
    (if (i32.gt_u (local.get $apart) (global.get $grey)) (then (global.set $coloured (i32.const 1)))))

  ;; These octets have changed. Columns only grow, so what lies before a gap will not change again.
  (func $touch (param $from i32) (param $to i32)
    (if (i32.gt_u (local.get $from) (i32.add (global.get $to) (i32.const 2)))
      (then
        (call $look (global.get $from) (global.get $to))
        (global.set $from (local.get $from))))
    (global.set $to (call $most (local.get $to) (global.get $to))))

  ;; Zeros up to the column, where a row grows behind its end.
  (func $reach_column
    (if (i32.gt_u (global.get $column) (global.get $length))
      (then
        (memory.fill
          (i32.add (global.get $ROW) (global.get $length)) (i32.const 0)
          (i32.sub (global.get $column) (global.get $length)))
        (call $touch (global.get $length) (global.get $column)))))

  (func $wrote (param $n i32)
    (call $touch (global.get $column) (i32.add (global.get $column) (local.get $n)))
    (global.set $column (i32.add (global.get $column) (local.get $n)))
    (global.set $length (call $most (global.get $length) (global.get $column))))

  ;; Copies octets to the end of a new row.
  (func $append (param $at i32) (param $n i32)
    (local $into i32) (local $end i32)
    (local.set $n (call $least (local.get $n) (i32.sub (global.get $MOST) (global.get $column))))
    (local.set $into (i32.add (global.get $ROW) (global.get $column)))
    (local.set $end (i32.add (local.get $into) (local.get $n)))
    (block $done
      (loop $eight
        (br_if $done (i32.ge_u (local.get $into) (local.get $end)))
        (i64.store (local.get $into) (i64.load (local.get $at)))
        (local.set $into (i32.add (local.get $into) (i32.const 8)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $eight)))
    (call $wrote (local.get $n)))

  ;; Appends the octet so many times. The pixels of nothing else are grey, and need no look one by one.
  (func $repeat (param $octet i32) (param $n i32)
    (local $into i32) (local $end i32) (local $eight i64) (local $first i32) (local $last i32)
    (local.set $n (call $least (local.get $n) (i32.sub (global.get $MOST) (global.get $column))))
    (local.set $into (i32.add (global.get $ROW) (global.get $column)))
    (local.set $end (i32.add (local.get $into) (local.get $n)))
    (local.set $eight
      (i64.mul (i64.extend_i32_u (local.get $octet)) (i64.const 0x0101010101010101)))
    (block $done
      (loop $more
        (br_if $done (i32.ge_u (local.get $into) (local.get $end)))
        (i64.store (local.get $into) (local.get $eight))
        (local.set $into (i32.add (local.get $into) (i32.const 8)))
        (br $more)))
    (local.set $first (call $pixel_of (i32.add (global.get $column) (i32.const 2))))
    (local.set $last
      (call $pixel_of (call $least (i32.add (global.get $column) (local.get $n)) (global.get $crop))))
    (if (i32.le_u (local.get $last) (local.get $first))
      (then (call $wrote (local.get $n)) (return)))
    (if (i32.gt_u
          (i32.and (i32.xor (local.get $octet) (global.get $mask)) (i32.const 255)) (global.get $white))
      (then (global.set $visible (i32.const 1))))
    (local.set $n (i32.add (global.get $column) (local.get $n)))
    (global.set $length (local.get $n))
    (call $touch (global.get $column) (local.get $first))
    (call $look (global.get $from) (global.get $to))
    (global.set $from (local.get $last))
    (global.set $to (local.get $n))
    (global.set $column (local.get $n)))

  (func $run_length (param $at i32) (param $end i32)
    (block $done
      (loop $pair
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 2)) (local.get $end)))
        (call $repeat
          (i32.load8_u (i32.add (local.get $at) (i32.const 1)))
          (i32.add (i32.load8_u (local.get $at)) (i32.const 1)))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))
        (br $pair))))

  (func $packbits (param $at i32) (param $end i32)
    (local $code i32) (local $n i32)
    (block $done
      (loop $run
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $code (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $run (i32.eq (local.get $code) (i32.const 128)))
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (if (i32.lt_u (local.get $code) (i32.const 128))
          (then
            (local.set $n
              (call $least (i32.add (local.get $code) (i32.const 1)) (i32.sub (local.get $end) (local.get $at))))
            (call $append (local.get $at) (local.get $n))
            (local.set $at (i32.add (local.get $at) (local.get $n))))
          (else
            (call $repeat (i32.load8_u (local.get $at)) (i32.sub (i32.const 257) (local.get $code)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))))
        (br $run))))

  (func $delta (param $at i32) (param $end i32)
    (local $code i32) (local $n i32) (local $more i32) (local $into i32)
    (block $done
      (loop $command
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $code (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $n (i32.add (i32.shr_u (local.get $code) (i32.const 5)) (i32.const 1)))
        (local.set $code (i32.and (local.get $code) (i32.const 31)))
        (global.set $column (i32.add (global.get $column) (local.get $code)))
        (if (i32.eq (local.get $code) (i32.const 31))
          (then
            (block $offset_done
              (loop $offset
                (br_if $offset_done (i32.ge_u (local.get $at) (local.get $end)))
                (local.set $more (i32.load8_u (local.get $at)))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (global.set $column (i32.add (global.get $column) (local.get $more)))
                (br_if $offset (i32.eq (local.get $more) (i32.const 255)))))))
        (local.set $n (call $least (local.get $n) (i32.sub (local.get $end) (local.get $at))))
        (br_if $done (i32.gt_u (i32.add (global.get $column) (local.get $n)) (global.get $MOST)))
        (call $reach_column)
        (local.set $into (i32.add (global.get $ROW) (global.get $column)))
        (call $wrote (local.get $n))
        (block $copied
          (loop $copy
            (br_if $copied (i32.eqz (local.get $n)))
            (i32.store8 (local.get $into) (i32.load8_u (local.get $at)))
            (local.set $into (i32.add (local.get $into) (i32.const 1)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br $copy)))
        (br $command))))

  ;; Makes the row of these octets and looks at what is new in it; at all of it, if `all`.
  (func $row (param $at i32) (param $end i32) (param $all i32)
    (global.set $column (i32.const 0))
    (global.set $from (i32.const 0))
    (global.set $to (i32.const 0))
    (if (i32.ne (global.get $packing) (i32.const 3)) (then (global.set $length (i32.const 0))))
    (block $made
      (block $by_delta (block $by_packbits (block $by_run_length (block $plain
        (br_table $plain $by_run_length $by_packbits $by_delta (global.get $packing)))
        (call $append (local.get $at) (i32.sub (local.get $end) (local.get $at))) (br $made))
        (call $run_length (local.get $at) (local.get $end)) (br $made))
        (call $packbits (local.get $at) (local.get $end)) (br $made))
      (call $delta (local.get $at) (local.get $end)))
    (if (local.get $all)
      (then (call $look (i32.const 0) (global.get $length)))
      (else (call $look (global.get $from) (global.get $to))))
    (global.set $looks
      (i32.xor (i32.and (global.get $visible) (global.get $coloured)) (i32.const 1))))

  ;; Follows the sequences ESC*b# from `at` on; returns where the first one begins that is not whole (then SHORT is 1)
  ;; or that only Python follows (then it is 0).
  (func (export "walk") (param $at i32) (param $end i32) (result i32)
    (local $p i32) (local $value i32) (local $digits i32) (local $octet i32) (local $rows i64) (local $all i32)
    (call $begin)
    (local.set $all (i32.const 1))
    (i32.store (global.get $SHORT) (i32.const 1))
    (block $stop
      (block $python
        (loop $sequence
          (br_if $stop (i32.gt_u (i32.add (local.get $at) (i32.const 5)) (local.get $end)))
          (br_if $python
            (i32.ne (i32.and (i32.load (local.get $at)) (i32.const 0xffffff)) (i32.const 0x622a1b)))
          (local.set $p (i32.add (local.get $at) (i32.const 3)))
          (loop $next_value
            (local.set $value (i32.const 0))
            (local.set $digits (i32.const 0))
            (loop $digit
              (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
              (local.set $octet (i32.load8_u (local.get $p)))
              (local.set $p (i32.add (local.get $p) (i32.const 1)))
              (if (i32.lt_u (i32.sub (local.get $octet) (i32.const 48)) (i32.const 10))
                (then
                  (local.set $value
                    (i32.add (i32.mul (local.get $value) (i32.const 10))
                             (i32.sub (local.get $octet) (i32.const 48))))
                  (local.set $digits (i32.add (local.get $digits) (i32.const 1)))
                  (br_if $python (i32.gt_u (local.get $digits) (i32.const 6)))
                  (br $digit))))
            (if (i32.eq (local.get $octet) (i32.const 109))  ;; m: a packing, and another value follows
              (then
                (global.set $packing (local.get $value))
                (br $next_value))))
          (if (i32.eq (local.get $octet) (i32.const 77))  ;; M
            (then
              (global.set $packing (local.get $value))
              (local.set $at (local.get $p))
              (br $sequence)))
          (if (i32.eq (local.get $octet) (i32.const 89))  ;; Y: empty rows
            (then
              (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
              ;; What begins with a digit then may be a row without its escape.
              (br_if $python
                (i32.lt_u (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)) (i32.const 10)))
              (local.set $rows (i64.add (local.get $rows) (i64.extend_i32_u (local.get $value))))
              (global.set $length (i32.const 0))
              (local.set $at (local.get $p))
              (br $sequence)))
          (if (i32.ne (local.get $octet) (i32.const 87))  ;; W: a row
            (then
              ;; V: a plane, of which several are a row; those are only passed over.
              (br_if $python (i32.ne (local.get $octet) (i32.const 86)))
              (br_if $python (global.get $looks))))
          (br_if $stop (i32.gt_u (local.get $value) (i32.sub (local.get $end) (local.get $p))))
          (br_if $python
            (i32.and (global.get $looks) (i32.gt_u (global.get $packing) (i32.const 3))))
          (local.set $at (i32.add (local.get $p) (local.get $value)))
          (if (i32.eq (local.get $octet) (i32.const 87))
            (then
              (local.set $rows (i64.add (local.get $rows) (i64.const 1)))
              (if (local.get $value) (then (i32.store (global.get $PUT) (i32.const 1))))
              (if (global.get $looks)
                (then
                  (call $row (local.get $p) (local.get $at) (local.get $all))
                  (local.set $all (i32.const 0))))))
          (br $sequence)))
      (i32.store (global.get $SHORT) (i32.const 0)))
    (i64.store (global.get $ROWS) (local.get $rows))
    (call $end)
    (local.get $at)))
