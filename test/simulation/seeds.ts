/** Seeds by what they are for, and the plans of failures that were found, each told in as few actions as it takes. */

interface Known {
  breaks: string;
  cause: string;
  /** As a failure's report shows it. */
  plan: string;
}

/** All have to pass. */
export const FIXED: readonly number[] = Array.from({length: 80}, (_, index) => index + 1);

/** What they found is mended; the cause says what it was. To keep another, add the lines of its report. */
export const KNOWN: readonly Known[] = [
  {
    breaks: '12 liveness',
    cause: 'a `resync` that storage refuses leaves the stream stopped, and the status says `synced`',
    plan: `seed=1 profiles=1 tabs=1
      5.000 full profile=0 tab=0 key=0 n=0 ms=4000
      5.300 resync profile=0 tab=0 key=0 n=0 ms=0
      5.600 server-edit profile=0 tab=0 key=0 n=0 ms=0`,
  },
  {
    breaks: 'server',
    cause: 'a log that is trimmed before the tail has read it stops every live stream',
    plan: `seed=201818 profiles=1 tabs=3
      3.991 server-write profile=858 tab=86 key=810 n=914 ms=465
      3.991 trim profile=650 tab=460 key=177 n=430 ms=241`,
  },
  {
    breaks: '12 liveness',
    cause: 'a logout that a full disk cut short has every later request refused with its error',
    plan: `seed=359 profiles=1 tabs=3
      92.672 kill-tab profile=126 tab=894 key=74 n=998 ms=15997
      93.480 full profile=344 tab=540 key=450 n=807 ms=4327
      97.193 logout profile=676 tab=778 key=930 n=243 ms=998`,
  },
  {
    breaks: '9 rejection',
    cause: 'a database whose opening fails half-way stays open beside the next one, and tells everything twice',
    plan: `seed=6354 profiles=3 tabs=2 tokenLife=3600000
      1.359 abort profile=342 tab=224 key=905 n=533 ms=20207
      1.558 put profile=243 tab=711 key=737 n=332 ms=28220
      2.266 server-big profile=972 tab=231 key=112 n=646 ms=12307
      2.270 open-tab profile=1 tab=43 key=101 n=16 ms=281
      2.627 disconnect profile=525 tab=459 key=982 n=485 ms=15269
      2.790 server-edit profile=596 tab=869 key=313 n=717 ms=364
      2.892 remove profile=216 tab=925 key=249 n=389 ms=18591
      3.075 freeze profile=293 tab=336 key=750 n=936 ms=381
      3.137 put profile=525 tab=485 key=524 n=620 ms=3143
      3.482 open-tab profile=279 tab=908 key=84 n=438 ms=3139
      3.949 evict profile=624 tab=696 key=201 n=393 ms=4628`,
  },
  {
    breaks: '15 logout',
    cause: 'a logout leaves the database of nobody, while another tab signs in and has that of its user opened',
    plan: `seed=107927936 profiles=1 tabs=1 tokenLife=3600000
      2.209 patch profile=886 tab=361 key=13 n=442 ms=1547
      3.380 restart-worker profile=868 tab=750 key=339 n=366 ms=422
      4.507 retry profile=984 tab=63 key=906 n=228 ms=408
      4.871 remove profile=796 tab=100 key=982 n=338 ms=341
      5.909 put profile=733 tab=449 key=537 n=932 ms=78
      6.552 crash-after profile=859 tab=590 key=61 n=314 ms=2995
      7.737 open-tab profile=889 tab=249 key=534 n=110 ms=7783
      9.022 restart-worker profile=281 tab=240 key=153 n=94 ms=31246
      10.173 read profile=128 tab=53 key=440 n=771 ms=4840
      12.186 server-write profile=642 tab=952 key=911 n=176 ms=2858
      13.321 duplicate profile=704 tab=93 key=26 n=531 ms=4648
      13.367 discard profile=377 tab=434 key=363 n=681 ms=19093
      13.648 server-write profile=548 tab=653 key=925 n=704 ms=21268
      13.652 read-pairs profile=376 tab=120 key=267 n=613 ms=2063
      13.965 remove profile=436 tab=464 key=124 n=830 ms=345
      14.589 force profile=820 tab=586 key=106 n=285 ms=355
      14.638 patch profile=565 tab=635 key=834 n=785 ms=352
      15.720 read-own profile=287 tab=592 key=472 n=542 ms=2369
      16.101 server-own profile=335 tab=890 key=750 n=684 ms=30344
      17.235 open-tab profile=72 tab=591 key=364 n=827 ms=420
      17.486 put profile=921 tab=461 key=504 n=12 ms=34388
      18.503 put profile=430 tab=383 key=309 n=952 ms=405
      19.019 read-own profile=687 tab=115 key=49 n=982 ms=326
      19.827 logout profile=50 tab=996 key=580 n=951 ms=604
      24.083 put profile=538 tab=603 key=960 n=767 ms=4509
      24.399 full profile=137 tab=332 key=611 n=360 ms=19327
      25.298 crash-before profile=886 tab=183 key=896 n=646 ms=29104
      29.247 patch profile=96 tab=391 key=161 n=940 ms=21822
      30.443 put profile=610 tab=577 key=946 n=662 ms=16816
      31.517 kill-leader profile=881 tab=423 key=437 n=737 ms=128
      34.077 open-tab profile=675 tab=398 key=955 n=337 ms=2299
      35.577 server-write profile=415 tab=966 key=315 n=102 ms=3842
      36.604 open-tab profile=491 tab=677 key=171 n=72 ms=6481
      37.330 retry profile=357 tab=285 key=156 n=753 ms=8345
      37.740 server-own profile=629 tab=793 key=660 n=200 ms=485
      38.618 read profile=208 tab=667 key=354 n=757 ms=3108
      39.711 logout profile=606 tab=339 key=531 n=140 ms=2992
      44.466 read profile=496 tab=272 key=733 n=311 ms=85
      46.447 read-own profile=47 tab=339 key=204 n=826 ms=30136`,
  },
  {
    breaks: '12 liveness',
    cause: 'that the line was closed in a database that is left is taken for a wish about the next one',
    plan: `seed=247581004 profiles=2 tabs=2 tokenLife=8000
      2.867 put profile=575 tab=171 key=48 n=199 ms=177
      4.097 patch profile=28 tab=756 key=597 n=767 ms=143
      6.427 put profile=731 tab=257 key=248 n=478 ms=14768
      7.537 read-own profile=701 tab=995 key=699 n=208 ms=262
      9.528 kill-leader profile=721 tab=319 key=949 n=47 ms=10110
      10.187 mute profile=746 tab=745 key=879 n=648 ms=17166
      15.787 open-tab profile=75 tab=557 key=596 n=824 ms=269
      16.772 freeze profile=272 tab=596 key=66 n=669 ms=357
      17.604 crash-after profile=909 tab=90 key=578 n=40 ms=275
      18.104 logout profile=744 tab=531 key=949 n=493 ms=16511
      29.655 login profile=426 tab=177 key=472 n=749 ms=214
      30.549 resync profile=407 tab=513 key=606 n=240 ms=109
      30.944 close-tab profile=503 tab=986 key=346 n=794 ms=27859
      35.321 open-tab profile=568 tab=466 key=85 n=406 ms=349
      42.605 server-write profile=24 tab=376 key=652 n=548 ms=403
      47.659 put profile=718 tab=395 key=849 n=579 ms=29069
      51.269 put profile=662 tab=978 key=564 n=42 ms=317
      52.589 server-write profile=57 tab=938 key=231 n=481 ms=4929
      53.064 open-tab profile=544 tab=327 key=37 n=543 ms=312
      56.036 put profile=798 tab=376 key=852 n=529 ms=27950
      56.093 freeze profile=358 tab=881 key=709 n=444 ms=3379
      57.378 read profile=642 tab=395 key=731 n=588 ms=311
      59.245 reset profile=938 tab=67 key=231 n=918 ms=33552
      59.421 server-write profile=796 tab=898 key=620 n=274 ms=23260
      60.232 crash-after profile=952 tab=738 key=977 n=453 ms=39355
      60.920 close-tab profile=342 tab=230 key=141 n=89 ms=538
      61.815 put profile=568 tab=904 key=602 n=510 ms=395
      62.281 put profile=480 tab=340 key=398 n=702 ms=2944`,
  },
  {
    breaks: 'The service was closed',
    cause: 'a word of another tab comes to an engine that is closed, and throws',
    plan: `seed=357095898 profiles=1 tabs=2 tokenLife=8000
      1.809 logout profile=182 tab=189 key=448 n=829 ms=2385
      2.495 lock-lost profile=107 tab=922 key=657 n=155 ms=36603
      2.851 login profile=131 tab=724 key=205 n=222 ms=159
      3.882 logout profile=526 tab=431 key=535 n=714 ms=35532
      4.023 login profile=524 tab=316 key=140 n=328 ms=279
      5.571 close-tab profile=250 tab=516 key=265 n=596 ms=402
      5.855 logout profile=454 tab=407 key=579 n=33 ms=176`,
  },
  {
    breaks: 'rows',
    cause:
      'a snapshot that goes on was taken for a whole one, where the first part of it was forgotten after the greeting',
    plan: `seed=14998909 profiles=1 tabs=2 tokenLife=3600000
      0.733 patch profile=493 tab=70 key=388 n=27 ms=145
      0.944 discard profile=246 tab=186 key=299 n=669 ms=4079
      2.392 put profile=233 tab=409 key=900 n=995 ms=37035
      2.901 open-tab profile=13 tab=263 key=37 n=560 ms=1963
      4.818 sleep profile=358 tab=601 key=896 n=430 ms=119
      5.748 read-pairs profile=844 tab=465 key=806 n=126 ms=800
      6.048 evict profile=647 tab=790 key=944 n=396 ms=1211
      6.793 read profile=249 tab=941 key=486 n=20 ms=4309
      7.621 crash-after profile=341 tab=111 key=198 n=989 ms=35995
      8.626 put profile=260 tab=952 key=526 n=604 ms=3312
      8.931 read profile=717 tab=865 key=514 n=193 ms=345
      9.152 put profile=165 tab=224 key=895 n=378 ms=345
      10.875 lossy profile=204 tab=401 key=143 n=788 ms=27780
      11.148 server-edit profile=232 tab=111 key=881 n=185 ms=273
      11.317 remove profile=517 tab=279 key=972 n=885 ms=31766
      11.696 offline-silent profile=706 tab=394 key=659 n=784 ms=28308
      11.984 patch profile=936 tab=9 key=709 n=175 ms=283
      11.997 retry profile=975 tab=115 key=749 n=364 ms=34234
      12.489 server-write profile=450 tab=763 key=74 n=316 ms=24441
      13.340 reset profile=671 tab=349 key=823 n=779 ms=1988
      13.821 read profile=500 tab=555 key=807 n=642 ms=3562
      14.211 put profile=931 tab=975 key=428 n=124 ms=3401
      14.717 patch profile=730 tab=370 key=954 n=55 ms=29474
      15.751 server-restart profile=269 tab=11 key=719 n=323 ms=4505
      16.820 logout profile=374 tab=262 key=305 n=817 ms=96
      16.972 remove profile=635 tab=570 key=975 n=787 ms=7620
      16.973 read-pairs profile=563 tab=150 key=384 n=371 ms=33194
      17.380 read-pairs profile=298 tab=746 key=89 n=702 ms=29658
      17.671 offline profile=673 tab=944 key=999 n=775 ms=154
      18.764 discard profile=711 tab=724 key=21 n=188 ms=174
      19.246 login profile=757 tab=228 key=203 n=889 ms=28524
      20.091 open-tab profile=128 tab=122 key=719 n=7 ms=471
      20.844 resync profile=93 tab=665 key=707 n=303 ms=36195`,
  },
  {
    breaks: '12 liveness',
    cause: 'tabs that carry the same work over into a new outbox wrote it twice, as one of them was just reading it',
    plan: `seed=15021826 profiles=1 tabs=20 tokenLife=60000
      0.291 read profile=664 tab=194 key=881 n=614 ms=4213
      0.433 offline profile=261 tab=791 key=259 n=895 ms=379
      0.531 retry profile=5 tab=791 key=234 n=472 ms=4572
      0.541 server-write profile=589 tab=945 key=179 n=644 ms=21629
      1.017 server-write profile=654 tab=258 key=368 n=886 ms=5925
      1.095 offline profile=368 tab=910 key=607 n=946 ms=1846
      1.124 read profile=152 tab=756 key=786 n=731 ms=2454
      1.133 freeze profile=646 tab=286 key=679 n=478 ms=22959
      1.152 disconnect profile=487 tab=223 key=256 n=816 ms=7319
      1.274 patch profile=308 tab=509 key=339 n=727 ms=1912
      1.422 put profile=558 tab=799 key=562 n=680 ms=258
      1.581 disconnect profile=565 tab=951 key=708 n=30 ms=37488
      1.679 remove profile=27 tab=172 key=7 n=883 ms=11664
      1.728 put profile=839 tab=254 key=170 n=419 ms=280
      2.017 visible profile=773 tab=987 key=514 n=148 ms=37192
      2.039 patch profile=827 tab=776 key=416 n=204 ms=480
      2.349 read-pairs profile=235 tab=27 key=245 n=914 ms=4147
      2.379 server-write profile=740 tab=229 key=886 n=606 ms=8275
      2.550 read-pairs profile=232 tab=993 key=858 n=346 ms=29434
      2.596 read-own profile=439 tab=19 key=494 n=963 ms=418
      2.801 put profile=972 tab=298 key=363 n=254 ms=29499
      2.965 read profile=54 tab=634 key=858 n=987 ms=88
      2.986 read-own profile=120 tab=433 key=291 n=237 ms=183
      3.007 read-own profile=627 tab=697 key=729 n=812 ms=3643
      3.061 put profile=752 tab=478 key=635 n=515 ms=118
      3.144 discard profile=643 tab=496 key=647 n=848 ms=439
      3.172 patch profile=53 tab=157 key=75 n=557 ms=404
      3.282 patch profile=967 tab=312 key=665 n=16 ms=25519
      3.303 read profile=212 tab=105 key=421 n=436 ms=324
      3.480 read profile=459 tab=889 key=627 n=625 ms=2734
      3.576 restart-worker profile=656 tab=713 key=769 n=84 ms=32622
      3.855 server-write profile=199 tab=935 key=397 n=190 ms=3235
      4.042 remove profile=601 tab=426 key=725 n=966 ms=298
      4.102 resync profile=691 tab=376 key=201 n=933 ms=15453
      4.230 read-pairs profile=122 tab=4 key=204 n=748 ms=4909
      4.401 server-edit profile=346 tab=431 key=134 n=240 ms=4441
      4.423 read-pairs profile=892 tab=225 key=905 n=98 ms=442
      4.553 kill-tab profile=472 tab=974 key=874 n=48 ms=12601
      5.010 kill-tab profile=699 tab=127 key=413 n=801 ms=1066
      5.208 read profile=408 tab=942 key=94 n=731 ms=203
      5.242 read profile=0 tab=252 key=609 n=645 ms=196
      5.386 put profile=447 tab=969 key=986 n=279 ms=114
      6.108 patch profile=318 tab=582 key=692 n=11 ms=126
      6.419 read profile=989 tab=379 key=670 n=978 ms=29194
      6.564 full profile=839 tab=68 key=246 n=920 ms=38201
      6.694 put profile=413 tab=834 key=16 n=369 ms=375
      6.784 put profile=582 tab=652 key=49 n=386 ms=2627
      7.085 put profile=165 tab=523 key=877 n=884 ms=352
      7.241 patch profile=831 tab=629 key=802 n=80 ms=3247
      7.333 open-tab profile=730 tab=236 key=293 n=610 ms=1769
      7.466 read profile=823 tab=728 key=774 n=549 ms=33210
      7.516 put profile=213 tab=758 key=113 n=619 ms=12671
      7.873 read profile=88 tab=24 key=926 n=363 ms=355
      8.057 restart-worker profile=776 tab=746 key=347 n=328 ms=8223
      8.429 crash-before profile=712 tab=573 key=28 n=481 ms=3876
      8.500 evict profile=583 tab=349 key=365 n=957 ms=311`,
  },
  {
    breaks: '12 liveness',
    cause: 'a logout wiped the rows and died before it could say so: the leader went on with what it remembered',
    plan: `seed=14999958 profiles=1 tabs=20 tokenLife=8000
      0.054 discard profile=968 tab=504 key=188 n=318 ms=31182
      0.115 kill-tab profile=851 tab=737 key=69 n=824 ms=16517
      0.225 patch profile=446 tab=73 key=942 n=708 ms=329
      0.281 read profile=681 tab=45 key=787 n=751 ms=2596
      0.532 patch profile=949 tab=852 key=13 n=517 ms=2182
      0.716 connect profile=692 tab=801 key=811 n=502 ms=3167
      0.842 freeze profile=980 tab=273 key=336 n=446 ms=220
      0.959 logout profile=507 tab=169 key=234 n=7 ms=2954
      1.136 read profile=511 tab=941 key=338 n=541 ms=31285
      1.752 login profile=877 tab=567 key=800 n=876 ms=137
      1.869 put profile=961 tab=962 key=95 n=96 ms=419
      1.917 put profile=706 tab=715 key=256 n=55 ms=149
      1.929 read-pairs profile=160 tab=892 key=669 n=987 ms=4215
      2.345 put profile=775 tab=202 key=805 n=182 ms=27463
      2.412 server-write profile=83 tab=386 key=791 n=743 ms=474
      2.517 server-own profile=997 tab=381 key=68 n=325 ms=1664
      2.584 put profile=902 tab=205 key=523 n=742 ms=27891
      2.685 put profile=172 tab=175 key=290 n=670 ms=3327
      2.844 patch profile=143 tab=57 key=733 n=771 ms=14710
      3.210 patch profile=387 tab=531 key=764 n=144 ms=2289
      3.218 open-tab profile=193 tab=143 key=379 n=676 ms=432
      3.802 server-write profile=291 tab=258 key=335 n=747 ms=4024
      3.994 put profile=119 tab=426 key=389 n=840 ms=253
      4.365 crash-after profile=96 tab=70 key=687 n=652 ms=306
      4.543 kill-tab profile=682 tab=255 key=826 n=946 ms=230
      4.578 put profile=667 tab=607 key=183 n=113 ms=21709
      4.735 put profile=830 tab=168 key=426 n=622 ms=18269
      4.889 read profile=49 tab=159 key=968 n=40 ms=7787
      5.006 server-write profile=843 tab=63 key=755 n=927 ms=7302
      5.058 logout profile=916 tab=100 key=213 n=530 ms=2576
      5.198 read profile=889 tab=907 key=92 n=707 ms=34600`,
  },
  {
    breaks: '12 liveness',
    cause: 'a logout that could not open another database stayed in the one it had emptied',
    plan: `seed=77009195 profiles=2 tabs=2 tokenLife=3600000
      206.701 abort profile=825 tab=952 key=785 n=410 ms=24650
      209.880 put profile=459 tab=297 key=795 n=729 ms=26876
      210.520 open-tab profile=81 tab=380 key=973 n=262 ms=4278
      211.798 server-write profile=996 tab=475 key=619 n=238 ms=61
      216.096 logout profile=371 tab=131 key=668 n=503 ms=20080`,
  },
  {
    breaks: '12 liveness',
    cause: 'tabs whose data was cleared opened one database for the user they knew, and another for nobody',
    plan: `seed=77017192 profiles=1 tabs=3 tokenLife=8000
      0.158 put profile=236 tab=634 key=265 n=327 ms=2624
      0.196 server-write profile=679 tab=251 key=825 n=731 ms=2031
      0.235 put profile=800 tab=190 key=970 n=109 ms=292
      0.286 resync profile=274 tab=837 key=328 n=525 ms=20971
      0.314 read profile=455 tab=771 key=13 n=583 ms=382
      0.491 disconnect profile=86 tab=773 key=506 n=703 ms=16216
      2.985 open-tab profile=181 tab=461 key=802 n=537 ms=32386
      3.435 evict profile=750 tab=16 key=29 n=381 ms=21765
      3.878 logout profile=819 tab=468 key=219 n=965 ms=11517
      4.471 login profile=864 tab=526 key=687 n=285 ms=53`,
  },
  {
    breaks: '9 rejection',
    cause: 'a socket given up long ago put the one after it out of its place, and its client took itself for a copy',
    plan: `seed=300004149 profiles=2 tabs=1 tokenLife=8000
      0.153 put profile=423 tab=366 key=879 n=755 ms=1498
      0.179 close-tab profile=971 tab=395 key=527 n=142 ms=230
      0.203 lock-lost profile=796 tab=796 key=951 n=524 ms=7524
      0.360 open-tab profile=653 tab=568 key=670 n=947 ms=1962
      0.535 read-own profile=472 tab=695 key=777 n=122 ms=201
      0.718 kill-tab profile=230 tab=953 key=875 n=796 ms=348
      0.849 server-write profile=224 tab=695 key=651 n=216 ms=2140
      1.205 patch profile=35 tab=964 key=993 n=976 ms=3676
      1.344 freeze profile=636 tab=655 key=573 n=9 ms=4844
      1.500 crash-before profile=97 tab=929 key=94 n=901 ms=470
      1.544 duplicate profile=657 tab=160 key=434 n=96 ms=34001
      1.671 open-tab profile=871 tab=444 key=54 n=193 ms=30162
      1.750 server-big profile=953 tab=852 key=114 n=58 ms=22311
      1.824 remove profile=234 tab=327 key=623 n=578 ms=4354
      1.960 full profile=449 tab=121 key=119 n=400 ms=1660
      2.069 retry profile=548 tab=896 key=925 n=63 ms=5893
      2.132 server-own profile=769 tab=959 key=421 n=483 ms=2601
      2.296 kill-tab profile=923 tab=386 key=156 n=880 ms=3686
      2.436 backup profile=958 tab=262 key=856 n=457 ms=488
      2.546 put profile=500 tab=707 key=390 n=717 ms=12833
      2.668 put profile=601 tab=586 key=435 n=593 ms=2413
      2.819 server-own profile=348 tab=100 key=689 n=381 ms=222
      2.885 evict profile=31 tab=738 key=911 n=638 ms=103
      3.010 close-tab profile=25 tab=768 key=913 n=167 ms=6058
      3.052 open-tab profile=230 tab=525 key=325 n=380 ms=4377
      3.260 put profile=793 tab=720 key=916 n=12 ms=152
      3.278 patch profile=466 tab=524 key=718 n=885 ms=14145
      3.453 half-open profile=610 tab=496 key=840 n=993 ms=8760
      3.599 put profile=286 tab=655 key=397 n=985 ms=15167
      3.666 patch profile=492 tab=406 key=752 n=475 ms=3383
      3.796 read profile=6 tab=47 key=854 n=976 ms=345
      3.840 read profile=760 tab=381 key=782 n=842 ms=397
      3.906 server-own profile=638 tab=718 key=864 n=875 ms=4937
      3.907 open-tab profile=999 tab=85 key=673 n=314 ms=1736
      4.056 put profile=657 tab=798 key=456 n=624 ms=115
      4.096 crash-after profile=732 tab=365 key=989 n=6 ms=121
      4.252 force profile=309 tab=618 key=400 n=842 ms=480
      4.372 put profile=743 tab=964 key=586 n=709 ms=601
      4.380 put profile=264 tab=729 key=593 n=324 ms=3997
      5.902 patch profile=867 tab=343 key=105 n=485 ms=38633
      6.071 server-own profile=598 tab=964 key=571 n=107 ms=36496
      6.078 ack-lost profile=277 tab=341 key=152 n=770 ms=904
      6.263 server-own profile=415 tab=665 key=357 n=41 ms=4166
      6.295 remove profile=62 tab=191 key=852 n=399 ms=2485
      6.376 server-big profile=256 tab=616 key=208 n=864 ms=1818
      6.395 open-tab profile=131 tab=481 key=883 n=960 ms=141
      6.402 abort profile=209 tab=182 key=128 n=66 ms=30070
      6.894 kill-tab profile=126 tab=887 key=581 n=913 ms=8014
      6.920 server-edit profile=554 tab=903 key=882 n=412 ms=24694
      7.035 put profile=708 tab=421 key=253 n=143 ms=3562
      7.138 read profile=759 tab=716 key=300 n=659 ms=3225
      7.747 restore profile=193 tab=370 key=486 n=942 ms=733
      7.935 lossy profile=841 tab=969 key=907 n=589 ms=430`,
  },
  {
    breaks: '12 liveness',
    cause: 'a copy whose new name was another one’s as well was not given a third',
    plan: `seed=400003735 profiles=2 tabs=1 tokenLife=60000
      60.244 server-write profile=80 tab=803 key=141 n=716 ms=602
      61.758 copy-profile profile=499 tab=771 key=307 n=318 ms=333
      62.166 copy-profile profile=862 tab=342 key=632 n=356 ms=433`,
  },
  {
    breaks: '7 own writes',
    cause: 'a tab that had missed one answer of a key and heard the next showed the earlier write on top',
    plan: `seed=400005654 profiles=3 tabs=2 tokenLife=3600000
      0.042 visible profile=449 tab=132 key=935 n=945 ms=1071
      0.220 lossy profile=553 tab=876 key=971 n=185 ms=442
      0.235 put profile=37 tab=394 key=934 n=383 ms=4269
      0.285 put profile=421 tab=801 key=446 n=779 ms=3112
      2.060 read profile=499 tab=411 key=50 n=653 ms=22512`,
  },
  {
    breaks: '12 liveness',
    cause: 'a tab that missed the word of the commit it waited for went on saying `syncing`',
    plan: `seed=940003442 profiles=2 tabs=1 partial=1
      2.005 open-tab profile=507 tab=891 key=489 n=231 ms=2258
      2.020 lossy profile=67 tab=924 key=70 n=571 ms=4523`,
  },
  {
    breaks: '5 at most once',
    cause:
      'the work of a user whose data was cleared went into the database of nobody that was just being opened after a logout',
    plan: `seed=11337551 profiles=1 tabs=20 tokenLife=60000
      0.150 connect profile=768 tab=521 key=646 n=646 ms=975
      0.450 put profile=610 tab=958 key=647 n=591 ms=452
      0.534 half-open profile=413 tab=775 key=412 n=981 ms=402
      3.986 freeze profile=85 tab=112 key=579 n=166 ms=283
      4.082 logout profile=156 tab=838 key=39 n=365 ms=32511
      4.204 evict profile=129 tab=293 key=659 n=297 ms=476
      7.479 login profile=25 tab=373 key=164 n=997 ms=240`,
  },
  {
    breaks: '4 durable',
    cause: 'a logout that took long left the database that was open by then, and what had been queued there',
    plan: `seed=30248 profiles=1 tabs=3 own=1 keeps=1 locks=1
      0.273 put profile=597 tab=74 key=90 n=125 ms=308
      0.462 put profile=569 tab=229 key=353 n=937 ms=26018
      0.623 server-write profile=88 tab=595 key=155 n=830 ms=22517
      0.682 remove profile=721 tab=480 key=972 n=518 ms=583
      1.022 connect profile=297 tab=34 key=367 n=895 ms=3102
      1.370 discard profile=651 tab=375 key=770 n=882 ms=5517
      1.483 kill-tab profile=154 tab=538 key=753 n=617 ms=460
      1.634 kill-tab profile=523 tab=38 key=358 n=145 ms=422
      1.809 mute profile=31 tab=872 key=989 n=26 ms=1826
      1.886 freeze profile=242 tab=608 key=857 n=463 ms=14575
      2.159 read-own profile=971 tab=628 key=126 n=973 ms=37145
      3.051 logout profile=324 tab=214 key=954 n=595 ms=1650
      3.259 open-tab profile=328 tab=623 key=751 n=939 ms=14639
      3.285 patch profile=954 tab=509 key=18 n=812 ms=13254
      4.308 put profile=171 tab=682 key=867 n=500 ms=159`,
  },
  {
    breaks: '12 liveness',
    cause: 'a client went on from where it had been in a database that another client’s logout had emptied',
    plan: `seed=57 profiles=2 tabs=2 partial=1 own=1 keeps=0 locks=0
      3.258 read-pairs profile=572 tab=549 key=164 n=22 ms=213
      3.330 put profile=895 tab=602 key=51 n=518 ms=634
      3.563 logout profile=265 tab=527 key=203 n=606 ms=15181
      6.059 logout profile=467 tab=633 key=759 n=883 ms=467`,
  },
  {
    breaks: '10 fence',
    cause: 'the lock of a database without a checkpoint was given back while a commit was still on its way into it',
    plan: `seed=81 profiles=2 tabs=1 tokenLife=8000 own=1 keeps=0 locks=0
      2.895 mute profile=794 tab=639 key=98 n=280 ms=3706
      2.966 put profile=292 tab=775 key=599 n=596 ms=447
      3.511 restart-worker profile=306 tab=159 key=618 n=270 ms=38594`,
  },
  {
    breaks: '10 fence',
    cause:
      'a tab that was slow to leave its database opened one that had been taken off the shelf and deleted meanwhile',
    plan: `seed=214303361 profiles=1 tabs=20 own=1 keeps=1 locks=0
      1.852 mute profile=677 tab=546 key=17 n=102 ms=38194
      2.790 server-big profile=236 tab=740 key=281 n=825 ms=622
      3.952 patch profile=921 tab=182 key=357 n=846 ms=19102
      12.517 logout profile=607 tab=534 key=457 n=754 ms=1295
      13.203 connect profile=201 tab=8 key=872 n=241 ms=7167`,
  },
  {
    breaks: '12 liveness',
    cause: 'a logout that was cut short had emptied a database whose leader went on from where it had been',
    plan: `seed=53486465 profiles=1 tabs=3 own=1 keeps=0 locks=0
      1.464 patch profile=158 tab=900 key=999 n=613 ms=4759
      4.504 put profile=464 tab=547 key=65 n=172 ms=484
      4.665 put profile=486 tab=747 key=555 n=467 ms=37131
      5.493 crash-before profile=343 tab=935 key=18 n=302 ms=169
      5.685 discard profile=652 tab=358 key=737 n=701 ms=4165
      6.250 duplicate profile=423 tab=408 key=907 n=183 ms=1469
      7.913 lossy profile=63 tab=717 key=683 n=186 ms=5316
      8.901 put profile=582 tab=589 key=20 n=334 ms=2423
      10.174 put profile=413 tab=344 key=446 n=720 ms=3746
      10.498 server-write profile=605 tab=728 key=135 n=15 ms=123
      11.330 put profile=517 tab=485 key=457 n=458 ms=4628
      13.023 read profile=774 tab=95 key=65 n=94 ms=3638
      13.808 put profile=809 tab=917 key=434 n=504 ms=31087
      13.961 server-edit profile=802 tab=514 key=392 n=451 ms=50
      15.172 offline profile=850 tab=375 key=979 n=604 ms=1170
      15.947 remove profile=702 tab=266 key=231 n=800 ms=119
      16.011 logout profile=521 tab=655 key=178 n=913 ms=4159`,
  },
  {
    breaks: '16 readers',
    cause:
      'in a database of the user’s own the row of `after` was looked up before a commit, and the rows behind it after that',
    plan: `seed=96107250 profiles=2 tabs=2 partial=1 own=1 keeps=1 locks=1 window=40000 terse=1
      0.754 lose profile=552 tab=541 key=882 n=461 ms=15412
      0.755 server-edit profile=121 tab=230 key=353 n=430 ms=241
      1.973 put profile=71 tab=597 key=771 n=310 ms=318
      2.577 watch profile=996 tab=528 key=671 n=129 ms=36168
      2.787 put profile=18 tab=34 key=609 n=824 ms=109
      3.905 server-rows profile=28 tab=180 key=402 n=664 ms=69
      3.913 freeze profile=951 tab=581 key=846 n=228 ms=16440
      4.970 offline-silent profile=185 tab=838 key=742 n=248 ms=22341
      5.128 server-rows profile=761 tab=655 key=337 n=659 ms=259
      5.493 watch profile=498 tab=736 key=317 n=200 ms=460
      5.675 server-huge profile=150 tab=753 key=99 n=22 ms=2170
      7.055 server-edit profile=912 tab=821 key=865 n=334 ms=316
      7.224 watch profile=797 tab=125 key=378 n=102 ms=27307
      7.285 query profile=378 tab=871 key=412 n=185 ms=311
      7.362 server-rows profile=503 tab=696 key=13 n=407 ms=334
      7.701 server-write profile=739 tab=606 key=718 n=182 ms=2972
      8.957 server-rows profile=642 tab=633 key=796 n=78 ms=256`,
  },
];

/** The seed at which each bug is seen first, in the order of BUGS and ROW_BUGS. A change of the simulator moves them. */
export const SEEN_AT: readonly number[] = [
  1, 1, 2, 162, 10, 2, 1, 1, 1, 3, 2, 25, 162, 1, 1, 148, 73, 1, 1, 19, 19, 4, 310, 1, 11, 7, 44, 7, 7, 555, 19, 7, 2,
  19, 12,
];
